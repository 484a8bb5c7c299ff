import { expect, onTestFinished, test, vi } from 'vitest'
import {
  type CloudtrailSqsConfig,
  cloudtrailSqs,
  cloudtrailSqsConfig,
} from '../../../connectors/sources/cloudtrail-sqs.ts'
import { until } from '../../services/until.ts'
import { aContext, type TestContext } from './a-context.ts'
import { aRecord, hashKey, type Json } from './a-record.ts'
import { awsError, FakeObjects, FakeQueue, trailKey } from './fake-trail.ts'

const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/trail'

interface Scene {
  queue: FakeQueue
  objects: FakeObjects
  context: TestContext
}

async function start(
  settings: Partial<CloudtrailSqsConfig> = {},
  prepare: (scene: Scene) => void = () => {},
) {
  const scene = { queue: new FakeQueue(), objects: new FakeObjects(), context: aContext() }
  prepare(scene)
  const config = { ...cloudtrailSqsConfig.parse({ queueUrl }), ...settings }
  const source = cloudtrailSqs(config, { hashKey, pollMs: 5, open: async () => scene })
  await source.start(scene.context)
  onTestFinished(() => source.stop())
  return { ...scene, source }
}

const ids = (context: TestContext) =>
  context.outputs.flatMap(({ events = [] }) => events.map(({ eventId }) => eventId))
const letters = (context: TestContext) => context.outputs.flatMap(({ deadLetters = [] }) => deadLetters)
const isEmpty = ({ messages }: FakeQueue) => messages.length === 0 || undefined

const plain = trailKey('a')
const odd = 'my trail/AWSLogs/123456789012/CloudTrail/eu-west-1/2026/03/01/a+b é.json.gz'
const form = (key: string) => encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+')
const s3Record = (key: string, changes: Json = {}) => ({
  eventVersion: '2.6',
  eventSource: 'aws:s3',
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: 'trail' }, object: { key } },
  ...changes,
})
const sns = (message: unknown) => ({ Type: 'Notification', MessageId: 'x', Message: JSON.stringify(message) })

test.each<[string, unknown, string[]]>([
  ["CloudTrail's own notification", { s3Bucket: 'trail', s3ObjectKey: [plain, odd] }, ['plain', 'odd']],
  ["CloudTrail's own, from SNS", sns({ s3Bucket: 'trail', s3ObjectKey: [odd] }), ['odd']],
  ["S3's event, whose keys are encoded", { Records: [s3Record(form(odd))] }, ['odd']],
  ["S3's event, from SNS", sns({ Records: [s3Record(plain)] }), ['plain']],
  [
    "EventBridge's event of an object",
    {
      'detail-type': 'Object Created',
      source: 'aws.s3',
      detail: { bucket: { name: 'trail' }, object: { key: odd } },
    },
    ['odd'],
  ],
  [
    "EventBridge's event that is the record",
    {
      'detail-type': 'AWS API Call via CloudTrail',
      source: 'aws.ec2',
      id: 'e',
      detail: aRecord({ eventID: 'inside' }),
    },
    ['inside'],
  ],
  ['an object that was removed', { Records: [s3Record(plain, { eventName: 'ObjectRemoved:Delete' })] }, []],
  ["S3's test event", { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'trail' }, []],
  ["S3's test event, from SNS", sns({ Service: 'Amazon S3', Event: 's3:TestEvent' }), []],
  ["CloudTrail's validation", { Type: 'Notification', Message: 'CloudTrail validation message.' }, []],
])('a message is read and deleted: %s', async (_, body, expected) => {
  const { queue, context } = await start({}, ({ queue, objects }) => {
    objects.put({ bucket: 'trail', key: plain }, { Records: [aRecord({ eventID: 'plain' })] })
    objects.put({ bucket: 'trail', key: odd }, { Records: [aRecord({ eventID: 'odd' })] })
    queue.send(JSON.stringify(body))
  })
  await until('an empty queue', () => isEmpty(queue))
  expect(ids(context)).toEqual(expected)
  expect(letters(context)).toEqual([])
})

test('a message that is none of these becomes a dead letter with its own bytes, and is deleted', async () => {
  const { queue, context } = await start({}, ({ queue }) => queue.send('hello'))
  await until('an empty queue', () => isEmpty(queue))
  expect(letters(context)).toMatchObject([{ code: 'not-json', bytes: Buffer.from('hello') }])
})

test.each([
  ['digests', trailKey('d', { kind: 'CloudTrail-Digest' }), {}],
  ['insights', trailKey('i', { kind: 'CloudTrail-Insight' }), {}],
  ['what other services write', trailKey('c', { kind: 'Config' }), {}],
  ['accounts that are not allowed', plain, { accounts: { allow: ['999999999999'] } }],
  ['accounts that are denied', plain, { accounts: { deny: ['123456789012'] } }],
  ['regions that are denied', plain, { regions: { deny: ['eu-west-1'] } }],
])('objects are passed over by their keys: %s', async (_, key, settings) => {
  const { queue, context, objects } = await start(settings, ({ queue, objects }) => {
    objects.fault = awsError('AccessDenied')
    queue.send(JSON.stringify({ s3Bucket: 'trail', s3ObjectKey: [key] }))
  })
  await until('an empty queue', () => isEmpty(queue))
  expect(objects.fault).toBeDefined()
  expect(context.outputs).toEqual([])
})

test('a message is deleted only after the log holds every record of every object', async () => {
  const keys = [trailKey('one'), trailKey('two')]
  let emitted = 0
  const { queue, context } = await start({}, ({ queue, objects, context }) => {
    for (const key of keys)
      objects.put({ bucket: 'trail', key }, { Records: Array.from({ length: 600 }, () => aRecord()) })
    queue.send(JSON.stringify({ s3Bucket: 'trail', s3ObjectKey: keys }))
    context.whenEmitting = async ({ events = [] }) => {
      expect(queue.calls).toEqual([])
      emitted += events.length
    }
  })
  await until('an empty queue', () => isEmpty(queue))
  expect(emitted).toBe(1_200)
  expect(context.outputs.length).toBeGreaterThan(2)
})

test('an object that is gone becomes a dead letter that names it', async () => {
  const { queue, context } = await start({}, ({ queue }) => {
    queue.send(JSON.stringify({ s3Bucket: 'trail', s3ObjectKey: [plain] }))
  })
  await until('an empty queue', () => isEmpty(queue))
  expect(letters(context)).toMatchObject([{ code: 'unreadable', origin: `s3://trail/${plain}` }])
})

test('an object that may not be read stays announced, with what to allow in the log, until it may', async () => {
  const { queue, objects, context, source } = await start({}, ({ queue, objects }) => {
    objects.put({ bucket: 'trail', key: plain }, { Records: [aRecord({ eventID: 'plain' })] })
    objects.fault = awsError('AccessDenied')
    queue.send(JSON.stringify({ s3Bucket: 'trail', s3ObjectKey: [plain] }))
  })
  await until('unhealthy', () => !source.healthy() || undefined)
  const errors = context.logged.filter(({ level }) => level === 'error')
  expect(JSON.stringify(errors)).toContain('allow s3:GetObject, and kms:Decrypt')
  expect(queue.messages).toHaveLength(1)
  objects.fault = undefined
  await until('an empty queue', () => isEmpty(queue))
  await until('healthy', () => source.healthy() || undefined)
  expect(ids(context)).toEqual(['plain'])
})

test('a queue that may not be read is an error that names what to allow', async () => {
  const source = cloudtrailSqs(cloudtrailSqsConfig.parse({ queueUrl }), {
    hashKey,
    pollMs: 5,
    open: async () => {
      const queue = new FakeQueue()
      queue.look = () => Promise.reject(awsError('AccessDenied'))
      return { queue, objects: new FakeObjects() }
    },
  })
  await expect(source.start(aContext())).rejects.toThrow(
    `cloudtrail-sqs: queueUrl: ${queueUrl}: not permitted (AccessDenied); allow sqs:ReceiveMessage, sqs:DeleteMessage`,
  )
})

test('an entry of a batch that could not be deleted is deleted again', async () => {
  const { queue } = await start({}, ({ queue }) => {
    for (const name of ['a', 'b', 'c']) queue.send(JSON.stringify(aRecord({ eventID: name })))
    queue.failing.set('remove', ['m1'])
  })
  await until('an empty queue', () => isEmpty(queue))
  expect(queue.calls.filter((call) => call === 'remove m1')).toHaveLength(2)
})

test('leases are renewed at half their time, for as long as the work takes', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let take = () => {}
  const { queue } = await start({ visibilitySeconds: 60, concurrency: 1 }, ({ queue, context }) => {
    queue.send(JSON.stringify(aRecord({ eventID: 'slow' })))
    context.whenEmitting = () => new Promise((resolve) => (take = resolve))
  })
  await vi.advanceTimersByTimeAsync(95_000)
  expect(queue.calls).toEqual(['lease m0', 'lease m0', 'lease m0'])
  take()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(queue.calls).toEqual(['lease m0', 'lease m0', 'lease m0', 'remove m0'])
})

test('a message that is done is deleted at once, whatever the others of its batch do', async () => {
  let take = () => {}
  const { queue } = await start({ concurrency: 1 }, ({ queue, context }) => {
    for (const name of ['quick', 'slow']) queue.send(JSON.stringify(aRecord({ eventID: name })))
    context.whenEmitting = ({ events = [] }) =>
      events[0]!.eventId === 'slow' ? new Promise((resolve) => (take = resolve)) : Promise.resolve()
  })
  await until('the quick one is gone', () => queue.messages.length === 1 || undefined)
  take()
  await until('an empty queue', () => isEmpty(queue))
})

test('a deletion that is not permitted names what to allow', async () => {
  const { queue, context } = await start({}, ({ queue }) => {
    queue.remove = () => Promise.reject(awsError('AccessDenied'))
    queue.send(JSON.stringify(aRecord()))
  })
  const told = () => context.logged.find(({ level }) => level === 'error')
  expect(JSON.stringify(await until('a line', told))).toContain('allow sqs:ReceiveMessage, sqs:DeleteMessage')
  expect(queue.messages).toHaveLength(1)
})

test('an announcement in a form that is not known is a dead letter, not a loss', async () => {
  const body = JSON.stringify([{ s3Bucket: 'trail', s3ObjectKey: [plain] }])
  const { queue, context } = await start({}, ({ queue }) => queue.send(body))
  await until('an empty queue', () => isEmpty(queue))
  expect(letters(context)).toMatchObject([{ code: 'no-records', bytes: Buffer.from(body) }])
})

test('a lease that could not be renewed is asked for again, and then said', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let take = () => {}
  const { queue, context } = await start({ visibilitySeconds: 60, concurrency: 1 }, ({ queue, context }) => {
    queue.send(JSON.stringify(aRecord({ eventID: 'slow' })))
    queue.failing.set('lease', ['m0'])
    context.whenEmitting = () => new Promise((resolve) => (take = resolve))
  })
  await vi.advanceTimersByTimeAsync(31_000)
  expect(queue.calls).toEqual(['lease m0', 'lease m0'])
  queue.failing.set('lease', ['m0', 'm0', 'm0'])
  await vi.advanceTimersByTimeAsync(30_000)
  expect(context.logged.some(({ message }) => message.includes('could not be renewed'))).toBe(true)
  take()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(queue.messages).toEqual([])
})

test('stop gives back at once what it has not finished', async () => {
  const { queue, source } = await start({}, ({ queue, objects }) => {
    queue.send(JSON.stringify({ s3Bucket: 'trail', s3ObjectKey: [plain] }))
    objects.read = (_object, _most, signal?: AbortSignal) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  })
  await until('received', () => queue.messages.some(({ received }) => received > 0) || undefined)
  await source.stop()
  expect(queue.messages[0]!.visibleAt).toBe(0)
})
