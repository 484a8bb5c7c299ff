import { expect, onTestFinished, test, vi } from 'vitest'
import { messageReadings } from '../../../../connectors/sources/gcp/message-readings.ts'
import { workPulled } from '../../../../connectors/sources/gcp/pulled-batch.ts'
import type { PulledMessage } from '../../../../connectors/sources/gcp/subscription.ts'
import { aLogEntry } from '../../../support/log-entry.ts'
import { aContext, type TestContext } from '../a-context.ts'
import { hashKey } from '../a-record.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

function messages(count: number, { attempt = 1, text = '' } = {}): PulledMessage[] {
  return Array.from({ length: count }, (_, n) => ({
    ackId: `ack-${n}`,
    id: `${n}`,
    data: base64(text || JSON.stringify(aLogEntry({ insertId: `id-${n}` }))),
    attempt,
  }))
}

function scene(context: TestContext = aContext()) {
  const calls: string[] = []
  const faults = { lease: null as Error | null, acknowledge: null as Error | null }
  const name = (verb: string, all: readonly PulledMessage[]) => calls.push(`${verb} ${all.length}`)
  const subscription = {
    async lease(all: readonly PulledMessage[], seconds: number) {
      name(`lease ${seconds}`, all)
      if (faults.lease) throw faults.lease
    },
    async acknowledge(all: readonly PulledMessage[]) {
      if (faults.acknowledge) throw faults.acknowledge
      name('acknowledge', all)
    },
  }
  const readingsOf = ({ data, id }: PulledMessage) => messageReadings(data, `s#${id}`, hashKey)
  const signal = new AbortController()
  const work = (all: PulledMessage[]) =>
    workPulled(all, { subscription, leaseSeconds: 60, context, readingsOf }, signal.signal)
  return { calls, faults, context, signal, work }
}

/** A hand-over that lasts until it is told to end. */
function slowLog(context: TestContext) {
  const log = { take: () => {}, fail: (_: Error) => {} }
  context.whenEmitting = () =>
    new Promise((resolve, reject) => {
      log.take = resolve
      log.fail = reject
    })
  return log
}

test('messages are handed over together, and acknowledged together once the log holds them', async () => {
  const { context, calls, work } = scene()
  context.whenEmitting = async () => expect(calls).toEqual([])
  await work(messages(400))
  expect(context.outputs.map(({ events = [] }) => events.length)).toEqual([400])
  expect(calls).toEqual(['acknowledge 400'])
})

test('of more than one batch each is acknowledged before the next one', async () => {
  const { context, calls, work } = scene()
  const seen: string[][] = []
  context.whenEmitting = async () => void seen.push([...calls])
  await work(messages(1_200))
  expect(seen).toEqual([[], ['acknowledge 500'], ['acknowledge 500', 'acknowledge 500']])
  expect(calls.at(-1)).toBe('acknowledge 200')
})

test('what the log did not take is given back for later, and the rest stays acknowledged', async () => {
  const { context, calls, work } = scene()
  context.whenEmitting = async () => {
    if (context.outputs.length === 1) throw new Error('away')
  }
  await expect(work(messages(700))).rejects.toThrow('the log did not take the records')
  expect(calls).toEqual(['acknowledge 500', 'lease 10 200'])
})

test.each([
  [2, 20],
  [5, 160],
  [20, 600],
])('a message that is delivered for time %i comes again after %i s', async (attempt, seconds) => {
  const { context, calls, work } = scene()
  context.whenEmitting = () => Promise.reject(new Error('away'))
  await expect(work(messages(1, { attempt }))).rejects.toThrow()
  expect(calls).toEqual([`lease ${seconds} 1`])
})

test('at a stop what is not handed over is given back at once', async () => {
  const { context, calls, signal, work } = scene()
  signal.abort()
  await expect(work(messages(3))).rejects.toThrow()
  expect(context.outputs).toEqual([])
  expect(calls).toEqual(['lease 0 3'])
})

test('leases are renewed before they end, for as long as the log takes', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { context, calls, work } = scene()
  const log = slowLog(context)
  const working = work(messages(3))
  await vi.advanceTimersByTimeAsync(70_000)
  expect(calls).toEqual(['lease 60 3', 'lease 60 3', 'lease 60 3'])
  log.take()
  await working
  await vi.advanceTimersByTimeAsync(100_000)
  expect(calls).toEqual(['lease 60 3', 'lease 60 3', 'lease 60 3', 'acknowledge 3'])
})

test('a lease that cannot be renewed is said, and the work goes on', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { context, calls, faults, work } = scene()
  faults.lease = Object.assign(new Error('a text'), { status: 503 })
  const log = slowLog(context)
  const working = work(messages(1))
  await vi.advanceTimersByTimeAsync(6_000)
  expect(context.logged).toMatchObject([{ level: 'warn', fields: { fault: '503' } }])
  log.take()
  await working
  expect(calls.at(-1)).toBe('acknowledge 1')
})

test('an acknowledgement that fails is a failure: the messages come again', async () => {
  const { faults, calls, work } = scene()
  faults.acknowledge = new Error('refused')
  await expect(work(messages(2))).rejects.toThrow('refused')
  expect(calls).toEqual(['lease 10 2'])
})

test.each([
  ['no JSON', base64('hello'), 'not-json', 'hello'],
  ['another object', base64('{"a":1}'), 'no-records', '{"a":1}'],
  ['no base64', '{"a":1}', 'no-records', '{"a":1}'],
  ['nothing', '', 'no-records', ''],
])('a message whose data is %s is a dead letter, and acknowledged', async (_, data, code, bytes) => {
  const { context, calls, work } = scene()
  await work([{ ackId: 'a', id: '7', data, attempt: 1 }])
  expect(context.outputs).toMatchObject([
    { deadLetters: [{ code, origin: expect.stringMatching(/^s#7/), bytes: Buffer.from(bytes) }] },
  ])
  expect(calls).toEqual(['acknowledge 1'])
})

test('a message of no interest is acknowledged, though nothing is handed over', async () => {
  const { context, calls, work } = scene()
  const data = aLogEntry({ logName: 'projects/p/logs/cloudaudit.googleapis.com%2Fdata_access' })
  await work(messages(2, { text: JSON.stringify(data) }))
  expect(context.outputs).toEqual([])
  expect(calls).toEqual(['acknowledge 2'])
})
