import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import {
  type GcpStorageConfig,
  gcpStorage,
  gcpStorageConfig,
} from '../../../connectors/sources/gcp-storage.ts'
import { until } from '../../services/until.ts'
import { aLogEntry, insertIdOf, lines } from '../../support/log-entry.ts'
import { aContext, type TestContext } from './a-context.ts'
import { hashKey } from './a-record.ts'
import { ACTIVITY, apiError, FakeBucket } from './fake-log-bucket.ts'

const entry = (insertId: string) => aLogEntry({ insertId })
const hour = (day: number, hour: number, suffix = 'S0') => {
  const two = (n: number) => String(n).padStart(2, '0')
  return `2026/03/${two(day)}/${two(hour)}:00:00_${two(hour)}:59:59_${suffix}.json`
}

async function start(
  bucket: FakeBucket,
  { context = aContext(), ...settings }: Partial<GcpStorageConfig> & { context?: TestContext } = {},
) {
  const config = { ...gcpStorageConfig.parse({ bucket: 'logs' }), intervalMs: 5, ...settings }
  const source = gcpStorage(config, { hashKey, open: async () => bucket })
  await source.start(context)
  onTestFinished(() => source.stop())
  return { source, context }
}

const ids = (context: TestContext) => context.outputs.flatMap(({ events = [] }) => events.map(insertIdOf))
const letters = (context: TestContext) => context.outputs.flatMap(({ deadLetters = [] }) => deadLetters)

async function untilIds(context: TestContext, ...expected: string[]): Promise<void> {
  await until(expected.join(' '), () => ids(context).length >= expected.length || undefined)
  expect(ids(context)).toEqual(expected)
}

/** The looks that have begun since. */
async function untilLooked(bucket: FakeBucket, looks = 2): Promise<void> {
  const before = bucket.listedFrom.length
  // Each look lists three logs.
  await until('more looks', () => bucket.listedFrom.length >= before + 3 * looks || undefined)
}

test('the audit logs are read hour by hour, and what no sink has named is passed over', async () => {
  const bucket = new FakeBucket()
  bucket.put(ACTIVITY + hour(1, 9), lines(entry('second')))
  bucket.put(ACTIVITY + hour(1, 8, 'S1'), lines(entry('first-b')))
  bucket.put(ACTIVITY + hour(1, 8), lines(entry('first-a')))
  bucket.put(`cloudaudit.googleapis.com/system_event/${hour(1, 7)}`, lines(entry('of-the-system')))
  bucket.put(`cloudaudit.googleapis.com/data_access/${hour(1, 8)}`, lines(entry('data')))
  bucket.put(`${ACTIVITY}2026/03/01/notes.txt`, 'hello')
  bucket.put('other/file.json', lines(entry('other')))
  const { context } = await start(bucket)
  await untilIds(context, 'first-a', 'first-b', 'second', 'of-the-system')
  expect(letters(context)).toEqual([])
  expect(context.outputs[0]!.events![0]).toMatchObject({
    provider: 'gcp',
    origin: `gs://logs/${ACTIVITY}${hour(1, 8)}#1`,
  })
})

test('what comes late under an earlier hour is read, however far the position has moved', async () => {
  const bucket = new FakeBucket()
  bucket.put(ACTIVITY + hour(3, 8), lines(entry('on-time')))
  const { context, source } = await start(bucket)
  await untilIds(context, 'on-time')
  bucket.put(ACTIVITY + hour(1, 8, 'A0:1'), lines(entry('two-days-late')))
  await untilIds(context, 'on-time', 'two-days-late')
  await source.stop()
  bucket.put(ACTIVITY + hour(2, 8, 'A0:2'), lines(entry('late-while-stopped')))
  const next = aContext(context.kept)
  await start(bucket, { context: next })
  await untilIds(next, 'late-while-stopped')
})

test('hours that are older than that are not listed any more, nor remembered', async () => {
  const bucket = new FakeBucket()
  for (let day = 1; day <= 20; day++) bucket.put(ACTIVITY + hour(day, 8), lines(entry(`day-${day}`)))
  const { context } = await start(bucket, { lateHours: 24 })
  await until('all days', () => ids(context).length >= 20 || undefined)
  bucket.put(ACTIVITY + hour(18, 8, 'A0:1'), lines(entry('too-late')))
  await untilLooked(bucket)
  expect(ids(context)).toHaveLength(20)
  expect(bucket.listedFrom).toContain(`${ACTIVITY}2026/03/19/08`)
  const [kept] = [...context.kept.values()].map((text) => JSON.parse(text) as { objects: object })
  expect(Object.keys(kept!.objects)).toEqual([hour(19, 8), hour(20, 8)])
})

test('`from` leaves out the hours before it', async () => {
  const bucket = new FakeBucket()
  for (const at of [7, 8, 9]) bucket.put(ACTIVITY + hour(1, at), lines(entry(`at-${at}`)))
  const { from } = gcpStorageConfig.parse({ bucket: 'logs', from: '2026-03-01T10:30:00+02:00' })
  const { context } = await start(bucket, { from: from! })
  await untilIds(context, 'at-8', 'at-9')
})

test('an object that is written again is read again, and no other', async () => {
  const bucket = new FakeBucket()
  bucket.put(ACTIVITY + hour(1, 8), lines(entry('a')))
  bucket.put(ACTIVITY + hour(1, 9), lines(entry('b')))
  const { context } = await start(bucket)
  await untilIds(context, 'a', 'b')
  bucket.put(ACTIVITY + hour(1, 8), lines(entry('a'), entry('c')))
  await untilIds(context, 'a', 'b', 'a', 'c')
  await untilLooked(bucket)
  expect(ids(context)).toHaveLength(4)
})

test('after a crash within a large object it goes on at the first record that the log does not hold', async () => {
  const bucket = new FakeBucket()
  const entries = Array.from({ length: 1_300 }, (_, n) => entry(`n-${n}`))
  bucket.put(ACTIVITY + hour(1, 8), lines(...entries))
  const context = aContext()
  const seen: Map<string, string>[] = []
  context.whenEmitting = async () => {
    seen.push(new Map(context.kept))
    if (seen.length === 3) throw new Error('dying')
  }
  const { source } = await start(bucket, { context })
  await until('a refusal', () => !source.healthy() || undefined)
  await source.stop()
  const next = aContext(seen[2])
  await start(bucket, { context: next })
  await until('the rest', () => ids(next).length >= 300 || undefined)
  expect(ids(next)[0]).toBe('n-1000')
  expect(next.outputs[0]!.events![0]!.origin).toMatch(/#1001$/)
})

test('a gzip is read, whole or cut off, and so is what surrounds a damaged line', async () => {
  const bucket = new FakeBucket()
  const packed = gzipSync(lines(entry('a'), entry('b')))
  bucket.put(ACTIVITY + hour(1, 1), packed)
  bucket.put(ACTIVITY + hour(1, 2), packed.subarray(0, -5))
  bucket.put(ACTIVITY + hour(1, 3), `${lines(entry('c'))}{"insertId":\n${lines(entry('d'))}`)
  bucket.put(ACTIVITY + hour(1, 4), '{"hello":"world"}\n')
  const { context } = await start(bucket)
  await until('all', () => letters(context).length >= 3 || undefined)
  expect(ids(context)).toEqual(['a', 'b', 'a', 'b', 'c', 'd'])
  expect(letters(context)).toMatchObject([
    { code: 'truncated-gzip', origin: `gs://logs/${ACTIVITY}${hour(1, 2)}` },
    { code: 'not-json', origin: expect.stringMatching(/#2$/) },
    { code: 'no-records' },
  ])
  await untilLooked(bucket)
  expect(letters(context)).toHaveLength(3)
})

test('an object that may not be read is waited for, with the role in the log, and the other logs go on', async () => {
  const bucket = new FakeBucket()
  const kept = ACTIVITY + hour(1, 8)
  bucket.put(kept, lines(entry('kept')))
  bucket.put(ACTIVITY + hour(1, 9), lines(entry('behind')))
  bucket.put(`cloudaudit.googleapis.com/policy/${hour(1, 8)}`, lines(entry('policy')))
  bucket.faults.set(kept, apiError(403, 'forbidden'))
  const { context, source } = await start(bucket)
  await until('unhealthy', () => !source.healthy() || undefined)
  await untilIds(context, 'policy')
  await untilLooked(bucket)
  const errors = context.logged.filter(({ level }) => level === 'error')
  expect(errors).toHaveLength(1)
  expect(JSON.stringify(errors)).toContain(
    `gs://logs/${kept}: not permitted (403 forbidden); grant roles/storage.objectViewer on the bucket`,
  )
  expect(JSON.stringify(errors)).not.toContain('quote')
  bucket.faults.clear()
  await untilIds(context, 'policy', 'kept', 'behind')
  await until('healthy', () => source.healthy() || undefined)
})

test('an object that is deleted before it is read becomes a dead letter that names it', async () => {
  const bucket = new FakeBucket()
  const name = ACTIVITY + hour(1, 8)
  bucket.put(name, lines(entry('a')))
  bucket.faults.set(name, apiError(404, 'notFound'))
  const { context, source } = await start(bucket)
  await until('a dead letter', () => letters(context)[0])
  expect(letters(context)).toMatchObject([{ code: 'unreadable', origin: `gs://logs/${name}` }])
  expect(source.healthy()).toBe(true)
})

test.each([
  [
    apiError(403, 'forbidden'),
    'not permitted (403 forbidden); grant roles/storage.objectViewer on the bucket',
  ],
  [apiError(401, 'authError'), 'the Google credentials were refused (401 authError); renew them'],
  [
    new Error('Could not load the default credentials. Browse to …'),
    'no Google credentials were found; give the process a service account, or set GOOGLE_APPLICATION_CREDENTIALS',
  ],
  [
    Object.assign(new Error('connect'), { name: 'FetchError', code: 'ECONNREFUSED' }),
    'ECONNREFUSED; look at the network and the endpoint',
  ],
])('a bucket that cannot be listed is an error that says what to do: %s', async (fault, words) => {
  const bucket = new FakeBucket()
  bucket.fault = fault
  await expect(start(bucket)).rejects.toThrow(`gcp-storage: bucket: logs: ${words}`)
})
