import { expect, test } from 'vitest'
import { pendingChangeKey } from '../../schemas/pending-change-key.ts'
import { rawEventKey } from '../../schemas/raw-event-key.ts'

test('the calls of an AWS account share a key within a region', () => {
  expect(rawEventKey({ provider: 'aws', account: '123456789012', region: 'eu-west-1' })).toBe(
    'aws/123456789012/eu-west-1',
  )
})

test('the other clouds have one key a project, subscription or host', () => {
  expect(rawEventKey({ provider: 'gcp', account: 'my-project', region: 'europe-west1' })).toBe(
    'gcp/my-project',
  )
  expect(rawEventKey({ provider: 'falco', account: 'node-7', region: '' })).toBe('falco/node-7')
})

test('the key of what waits tells the copies of a call apart that different sources have', () => {
  const call = { account: '123456789012', region: 'eu-west-1', eventId: 'e-1' }
  expect(pendingChangeKey({ ...call, provider: 'aws' })).toBe('aws/123456789012/eu-west-1|aws|e-1')
  expect(pendingChangeKey({ ...call, provider: 'falco' })).toBe('falco/123456789012|falco|e-1')
})
