import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readEventFiles, readStateFile } from '../../../connectors/sources/read-files.ts'
import { aRecord, hashKey } from './a-record.ts'
import { corpora } from './corpora.ts'
import { tempFolder } from './temp-folder.ts'

async function outline(...paths: string[]): Promise<string[]> {
  const result: string[] = []
  for await (const reading of readEventFiles(paths, { hashKey })) {
    if ('event' in reading) result.push(`${reading.event.eventId} ${reading.event.origin}`)
    else if ('skipped' in reading) result.push(`${reading.skipped} ${reading.eventId} ${reading.origin}`)
    else result.push(`${reading.deadLetter.code} ${reading.deadLetter.message}`)
  }
  return result
}

test('files and folders are read in turn; what cannot be read stands in its place', async () => {
  const folder = tempFolder()
  mkdirSync(path.join(folder, 'sub'))
  writeFileSync(
    path.join(folder, 'sub', 'a'),
    JSON.stringify([aRecord({ eventID: 'a' }), aRecord({ eventCategory: 'Data' })]),
  )
  writeFileSync(path.join(folder, 'b'), JSON.stringify(aRecord({ eventID: 'b' })))
  expect(
    await outline(path.join(folder, 'b'), path.join(folder, 'missing'), path.join(folder, 'sub')),
  ).toEqual([
    `b ${folder}/b#1`,
    `unreadable ${folder}/missing: there is no such file or folder; correct the path`,
    `a ${folder}/sub/a#1`,
    `data-event f1e2d3c4-0001-4aaa-8bbb-000000000001 ${folder}/sub/a#2`,
  ])
})

test('a state file gives its records and its marker', async () => {
  const file = path.join(import.meta.dirname, 'fixtures/v3.tfstate')
  const snapshots = [...(await readStateFile(file, { hashKey }))]
  expect(snapshots).toHaveLength(4)
  expect(snapshots.at(-1)!.value).toMatchObject({ source: file, serial: 83, count: 3, resource: null })
})

test('a state file that is not there is named, with the fix', async () => {
  await expect(readStateFile('/no/such.tfstate', { hashKey })).rejects.toThrow(
    '/no/such.tfstate: there is no such file; correct the path, or write the state there with terraform state pull',
  )
})

if (corpora) {
  const states = path.join(corpora, 'states')
  const rows = readFileSync(path.join(states, 'expected.tsv'), 'utf8').trim().split('\n').slice(1)

  test.each(rows.map((row) => row.split('\t') as [string, string, string, string]))(
    'the recorded state %s of format %s has %s instances: %s',
    async (file, version, managed, verdict) => {
      const reading = readStateFile(path.join(states, file), { hashKey })
      if (verdict === 'refused') {
        await expect(reading).rejects.toThrow(`states of format ${version} are not read`)
        return
      }
      const snapshots = [...(await reading)]
      const current = snapshots.filter(({ value }) => value.resource && value.resource.deposedKey === null)
      expect(current).toHaveLength(Number(managed))
      expect(snapshots.at(-1)!.value.count).toBe(snapshots.length - 1)
    },
  )
}
