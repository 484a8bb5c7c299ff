import { Storage } from '@google-cloud/storage'
import { expect, test } from 'vitest'
import { available } from './available.ts'

test.skipIf(!available().gcs)('fake-gcs-server keeps objects, and numbers their generations', async () => {
  const storage = new Storage({ apiEndpoint: available().gcs!.endpoint, projectId: 'test' })
  await storage.createBucket('smoke')
  const file = storage.bucket('smoke').file('folder/a.json')
  await file.save('one', { resumable: false })
  const [first] = await file.getMetadata()
  await file.save('two', { resumable: false })
  const [second] = await file.getMetadata()
  expect((await file.download()).toString()).toBe('two')
  expect(Number(second.generation)).toBeGreaterThan(Number(first.generation))
})
