import { expect, onTestFinished, test } from 'vitest'
import { cloudtrailS3, cloudtrailS3Config } from '../../../connectors/sources/cloudtrail-s3.ts'
import { until } from '../../services/until.ts'
import { aContext, type TestContext } from './a-context.ts'
import { aRecord, hashKey } from './a-record.ts'
import { awsError, FakeObjects } from './fake-trail.ts'

const config = cloudtrailS3Config.parse({
  bucket: 'trail',
  prefix: 'org/',
  from: '2026-03-01T12:00:00Z',
  to: '2026-03-02T12:00:00Z',
})

const ids = (context: TestContext) =>
  context.outputs.flatMap(({ events = [] }) => events.map(({ eventId }) => eventId))

function aTrail(): FakeObjects {
  const objects = new FakeObjects()
  const put = (folder: string, day: string, eventID: string, eventTime: string) =>
    objects.put(
      { bucket: 'trail', key: `org/AWSLogs/${folder}/${day}/${eventID}.json.gz` },
      { Records: [aRecord({ eventID, eventTime })] },
    )
  put('111111111111/CloudTrail/eu-west-1', '2026/03/01', 'too-early', '2026-03-01T11:59:59Z')
  put('111111111111/CloudTrail/eu-west-1', '2026/03/01', 'first', '2026-03-01T12:00:00Z')
  put('111111111111/CloudTrail/eu-west-1', '2026/03/02', 'second', '2026-03-02T01:00:00Z')
  put('111111111111/CloudTrail/eu-west-1', '2026/03/03', 'late', '2026-03-02T11:59:00Z')
  put('111111111111/CloudTrail/eu-west-1', '2026/03/05', 'another-day', '2026-03-05T01:00:00Z')
  put('111111111111/CloudTrail-Digest/eu-west-1', '2026/03/01', 'digest', '2026-03-01T13:00:00Z')
  put('o-abc/222222222222/CloudTrail/us-east-1', '2026/03/02', 'of-organization', '2026-03-02T02:00:00Z')
  return objects
}

async function run(objects: FakeObjects, context: TestContext, settings = {}) {
  const source = cloudtrailS3({ ...config, ...settings }, { hashKey, pollMs: 5, open: async () => objects })
  await source.start(context)
  onTestFinished(() => source.stop())
  return source
}

const isOver = (context: TestContext) =>
  context.logged.some(({ message }) => message === 'the backfill is complete') || undefined

test('a range of time is read from every account and region, by the times of the events, to its end', async () => {
  const context = aContext()
  await run(aTrail(), context)
  await until('the end', () => isOver(context))
  expect(ids(context).sort()).toEqual(['first', 'late', 'of-organization', 'second'])
})

test('accounts and regions can be left out', async () => {
  const context = aContext()
  await run(aTrail(), context, { accounts: { allow: ['222222222222'] } })
  await until('the end', () => isOver(context))
  expect(ids(context)).toEqual(['of-organization'])
})

test('after a crash it goes on behind the last object that the log holds', async () => {
  const objects = aTrail()
  const context = aContext()
  let calls = 0
  context.whenEmitting = async () => {
    if (++calls === 2) throw new Error('dying')
  }
  const source = await run(objects, context)
  await until('a refusal', () => calls >= 2 || undefined)
  await source.stop()
  const before = ids(context)
  const next = aContext(context.kept)
  await run(objects, next)
  await until('the end', () => isOver(next))
  expect([...before, ...ids(next)].sort()).toEqual(['first', 'late', 'of-organization', 'second'])
})

test('a bucket that may not be listed is an error that names what to allow', async () => {
  const objects = aTrail()
  objects.fault = awsError('AccessDenied')
  await expect(run(objects, aContext())).rejects.toThrow(
    'cloudtrail-s3: bucket: trail: not permitted (AccessDenied); allow s3:ListBucket',
  )
})
