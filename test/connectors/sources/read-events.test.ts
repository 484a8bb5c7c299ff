import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type EventReading, readEvents } from '../../../connectors/sources/read-events.ts'
import { rawEventKey } from '../../../schemas/raw-event-key.ts'
import { aRecord, hashKey, type Json } from './a-record.ts'
import { corpora } from './corpora.ts'

const context = { origin: 'file', receivedAt: 1, hashKey }

async function read(content: Buffer | string): Promise<EventReading[]> {
  return [...(await readEvents(Buffer.from(content), context))]
}

/** A word for each reading: an event's id, a reason, or the code of a fault. */
async function outline(content: Buffer | string): Promise<string[]> {
  return (await read(content)).map((reading) => {
    if ('event' in reading) return reading.event.eventId
    return 'skipped' in reading ? `skipped ${reading.skipped}` : `fault ${reading.deadLetter.code}`
  })
}

const json = (value: unknown) => JSON.stringify(value)
const one = aRecord({ eventID: 'one' })
const two = aRecord({ eventID: 'two' })
const file = json({ Records: [one, two] })

const eventBridge = {
  version: '0',
  id: 'not-the-event-id',
  'detail-type': 'AWS API Call via CloudTrail',
  source: 'aws.ec2',
  account: '123456789012',
  time: '2026-03-01T10:00:01Z',
  region: 'eu-west-1',
  resources: [],
  detail: one,
}
const sns = (message: unknown) => ({
  Type: 'Notification',
  MessageId: 'm',
  TopicArn: 'arn',
  Message: json(message),
})
const sqs = (body: unknown) => ({ MessageId: 'm', ReceiptHandle: 'r', Body: json(body) })

test.each<[string, string | Buffer, string[]]>([
  ['a file of CloudTrail', file, ['one', 'two']],
  ['a gzipped file', gzipSync(file), ['one', 'two']],
  [
    'gzipped files one after the other',
    Buffer.concat([gzipSync(file), gzipSync(json(one))]),
    ['one', 'two', 'one'],
  ],
  ['one record', json(one), ['one']],
  ['lines of records', `${json(one)}\n${json(two)}\n`, ['one', 'two']],
  ['a list of records', json([one, two]), ['one', 'two']],
  ['text with a byte order mark', `\uFEFF${file}`, ['one', 'two']],
  ['an SNS notification', json(sns(two)), ['two']],
  ['an SQS message', json(sqs(one)), ['one']],
  ['what SQS answers', json({ Messages: [sqs(sns(eventBridge)), sqs(two)] }), ['one', 'two']],
  [
    'what Lambda gets from SQS',
    json({ Records: [{ messageId: 'm', body: json(one), eventSource: 'aws:sqs' }] }),
    ['one'],
  ],
  [
    'what Lambda gets from SNS',
    json({ Records: [{ EventSource: 'aws:sns', Sns: { Message: json(one) } }] }),
    ['one'],
  ],
  ['what lookup-events answers', json({ Events: [{ EventId: 'one', CloudTrailEvent: json(one) }] }), ['one']],
  ['texts of records', json([json(one), json(two)]), ['one', 'two']],
  [
    'what CloudWatch Logs delivers',
    json({ messageType: 'DATA_MESSAGE', logEvents: [{ id: '1', timestamp: 1, message: json(one) }] }),
    ['one'],
  ],
  ['an empty file', '', []],
  ['a file without records', '{"Records":[]}', []],
])('reads %s', async (_, content, expected) => {
  expect(await outline(content)).toEqual(expected)
})

test('R13 an EventBridge event is the record in it, known by the id of that, not of the envelope', async () => {
  for (const content of [json(eventBridge), `${json(eventBridge)}\n${json(eventBridge)}`]) {
    const readings = await read(content)
    expect(readings).toHaveLength(content.split('\n').length)
    for (const reading of readings) {
      expect(reading).toMatchObject({ event: { eventId: 'one', name: one.eventName, payload: json(one) } })
    }
  }
})

const digest = {
  awsAccountId: '1',
  digestStartTime: '2026-03-01T00:00:00Z',
  logFiles: [],
  digestSignature: 'x',
}
const s3Event = {
  eventVersion: '2.6',
  eventSource: 'aws:s3',
  eventName: 'ObjectCreated:Put',
  s3: { bucket: {}, object: {} },
}

test.each([
  ['digest', json(digest)],
  ['notification', json({ Records: [s3Event] })],
  ['notification', json(sns({ s3Bucket: 'b', s3ObjectKey: ['AWSLogs/1/CloudTrail/x.json.gz'] }))],
  ['control-message', json({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' })],
  [
    'control-message',
    json({ Type: 'SubscriptionConfirmation', MessageId: 'm', Token: 't', Message: 'You have chosen' }),
  ],
  ['control-message', json({ messageType: 'CONTROL_MESSAGE', logEvents: [] })],
  ['other-event', json({ ...eventBridge, 'detail-type': 'GuardDuty Finding', detail: { title: 'x' } })],
  ['insight', json({ Records: [aRecord({ eventCategory: 'Insight' })] })],
])('passes over, with the reason %s, %s', async (reason, content) => {
  expect(await outline(content)).toEqual([`skipped ${reason}`])
})

test("CloudTrail's greeting to a new topic is nothing", async () => {
  expect(await outline(json({ ...sns(''), Message: 'CloudTrail validation message.' }))).toEqual([])
})

test('records are numbered within their file, also behind envelopes', async () => {
  const readings = await read(
    `${json({ Messages: [sqs(one), sqs({ Records: [two, digest] })] })}\n${json(one)}`,
  )
  const origins = readings.map((reading) =>
    'event' in reading ? reading.event.origin : 'skipped' in reading ? reading.origin : '',
  )
  expect(origins).toEqual(['file#1', 'file#2', 'file#3', 'file#4'])
})

test.each([
  ['not JSON', 'not-json', '{"eventVersion":'],
  ['no record', 'no-records', '{"hello":"world"}'],
  ['a number', 'no-records', '42'],
  ['a record without a time', 'no-time', json(aRecord({ eventTime: '...' }))],
  ['an envelope around what is not JSON', 'not-json', json({ ...sns(''), Message: 'hello' })],
  [
    'a record that is too large',
    'record-too-large',
    json(aRecord({ requestParameters: { a: 'x'.repeat(1_000_001) } })),
  ],
])('a line that is %s becomes a dead letter, and the rest goes on', async (_, code, line) => {
  const readings = await read(`${json(one)}\n${line}\n${json(two)}`)
  const { bytes, ...fault } = (readings[1] as { deadLetter: { bytes: Buffer } }).deadLetter
  expect(fault).toEqual({ origin: 'file#2', code, message: expect.stringMatching(/^file#2: ./) })
  expect(bytes.toString() === line).toBe(true)
  expect([readings[0], readings[2]]).toEqual([
    { event: expect.objectContaining({ eventId: 'one' }) },
    { event: expect.objectContaining({ eventId: 'two' }) },
  ])
})

test('a record that is nested too deep becomes a dead letter, and the rest goes on', async () => {
  const deep = `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`
  const record = json(aRecord({ requestParameters: 'DEEP' })).replace('"DEEP"', deep)
  expect(await outline(`{"Records":[${record},${json(two)}]}`)).toEqual(['fault nested-too-deep', 'two'])
})

test('envelopes without end become a dead letter', async () => {
  let body: unknown = one
  for (let i = 0; i < 20; i++) body = { Messages: [body] }
  expect(await outline(json(body))).toEqual(['fault nested-too-deep'])
})

test('a record that is not UTF-8 becomes a dead letter with its bytes, and the rest goes on', async () => {
  const accented = aRecord({ eventID: 'réunion ✓' })
  const bad = Buffer.from(json(aRecord({ eventID: 'caf_' })))
  bad[bad.indexOf('caf_') + 3] = 0xe9
  const readings = await read(
    Buffer.concat([Buffer.from(`{"Records":[${json(accented)},`), bad, Buffer.from(`,${json(two)}]}`)]),
  )
  expect(readings).toEqual([
    { event: expect.objectContaining({ eventId: 'réunion ✓' }) },
    { deadLetter: expect.objectContaining({ code: 'invalid-utf8', bytes: bad, origin: 'file#2' }) },
    { event: expect.objectContaining({ eventId: 'two' }) },
  ])
})

test('a gzip that is cut off gives the records that are whole, and a dead letter for the file', async () => {
  const records = Array.from({ length: 200 }, (_, i) => aRecord({ eventID: `id-${i}`, noise: Math.sin(i) }))
  const whole = gzipSync(json({ Records: records }))
  const bytes = whole.subarray(0, whole.length / 2)
  const readings = await read(bytes)
  expect(readings.length).toBeGreaterThan(50)
  expect(readings.at(-1)).toEqual({
    deadLetter: expect.objectContaining({ code: 'truncated-gzip', origin: 'file', bytes }),
  })
  expect(readings.slice(0, -1).every((reading) => 'event' in reading)).toBe(true)
})

test('a damaged gzip is a dead letter', async () => {
  const bytes = gzipSync(file)
  bytes.fill(0xff, 12, 40)
  expect(await outline(bytes)).toEqual(['fault bad-gzip'])
  expect(await outline(Buffer.from([0x1f, 0x8b]))).toEqual(['fault truncated-gzip'])
})

test('a hostile key stays a key', async () => {
  const record = json(aRecord()).replace('"instanceId"', '"__proto__":{"polluted":"yes"},"instanceId"')
  const [reading] = await read(record)
  expect(reading && 'event' in reading && reading.event.payload).toContain('"__proto__":{"polluted":"yes"}')
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('no bytes make it throw', async () => {
  const content = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.uint8Array().map((bytes) => Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), bytes])),
    fc.json().map((text) => Buffer.from(text)),
  )
  await fc.assert(
    fc.asyncProperty(content, async (bytes) => {
      for (const reading of await read(bytes)) expect(reading).not.toHaveProperty('event')
    }),
    { numRuns: 500 },
  )
})

test('whatever fields a record has, it comes to exactly one reading', async () => {
  const names = Object.keys(aRecord()).filter((name) => name !== 'eventSource' && name !== 'eventName')
  const field = fc.constantFrom(...names, 'detail', 'detail-type', 'Records', 'Message', 'Type', 'Sns', 's3')
  const record = fc.dictionary(field, fc.jsonValue()).map((changes) => ({ ...aRecord(), ...changes }))
  await fc.assert(
    fc.asyncProperty(fc.array(record), async (records) => {
      expect(await read(gzipSync(json({ Records: records })))).toHaveLength(records.length)
    }),
  )
})

if (corpora) {
  const folder = path.join(corpora, 'cloudtrail')
  const lines = ['panther', 'streamalert', 'eventbridge-c7n-cwe'].flatMap((name) =>
    readFileSync(path.join(folder, `${name}.ndjson`), 'utf8')
      .trim()
      .split('\n'),
  )

  test('every recorded record is an event, or is passed over or refused for a reason that it shows', async () => {
    for (const line of lines) {
      const { record, kind } = JSON.parse(line) as { record: Json; kind?: string }
      const own = ('detail-type' in record ? record.detail : record) as Json
      const [reading, ...more] = await read(json(record))
      expect(more).toEqual([])
      if ('event' in reading!) {
        const { event } = reading
        expect(event.name).toBe(own.eventName)
        expect(new Date(event.time).toISOString().slice(0, 10)).toBe(String(own.eventTime).slice(0, 10))
        expect(event.failed).toBe(Boolean(own.errorCode || own.errorMessage))
        expect(rawEventKey(event)).toMatch(/^aws\/[^/]*\/[^/]*$/)
        expect(Object.keys(JSON.parse(event.payload) as Json)).toEqual(Object.keys(own))
      } else if ('deadLetter' in reading!) {
        expect(reading.deadLetter.code).toBe('no-time')
        expect(String(own.eventTime)).not.toMatch(/^\d{4}-/)
      } else if (reading!.skipped === 'other-event') expect(kind).toBe('eventbridge-other')
      else expect(json(own)).toMatch(/insight|"(Data|NetworkActivity)"/i)
    }
  })
}
