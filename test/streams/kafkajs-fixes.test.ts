import { createRequire } from 'node:module'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { fixKafkajs } from '../../streams/kafkajs-fixes.ts'

const require = createRequire(import.meta.url)

describe('what is mended in kafkajs', () => {
  afterEach(() => vi.useRealTimers())

  test('fits the release that is installed, and can be mended twice', () => {
    expect([fixKafkajs(), fixKafkajs()]).toEqual([true, true])
  })

  test.each([
    ['of bytes', { key: Buffer.from('k'), value: Buffer.from('v'), headers: { a: 'b' } }],
    ['of texts', { key: 'k', value: 'v' }],
    ['without a key', { value: Buffer.from('v') }],
    ['with a list of header values', { key: null, value: null, headers: { a: ['b', Buffer.from('c')] } }],
  ])('a record %s has the bytes that it had before', (_, record) => {
    const path = 'kafkajs/src/protocol/recordBatch/record/v0/index'
    delete require.cache[require.resolve(path)]
    const original = require(path)
    delete require('kafkajs/src/network/requestQueue').prototype.scheduleCheckPendingRequests.fixed
    fixKafkajs()
    const mended = require(path)
    expect(mended).not.toBe(original)
    expect(mended(record).buffer.equals(original(record).buffer)).toBe(true)
  })

  test('an idle connection arms no timer; one that is throttled sends what waits when it may', () => {
    fixKafkajs()
    vi.useFakeTimers()
    const RequestQueue = require('kafkajs/src/network/requestQueue')
    const queue = new RequestQueue({
      requestTimeout: 1_000,
      enforceRequestTimeout: false,
      logger: { debug: () => {} },
    })
    const sent: number[] = []
    const push = (correlationId: number) =>
      queue.push({
        entry: { correlationId, resolve: () => {} },
        expectResponse: false,
        sendRequest: () => sent.push(correlationId),
      })

    queue.checkPendingRequests()
    expect(vi.getTimerCount()).toBe(0)
    queue.maybeThrottle(500)
    push(1)
    vi.advanceTimersByTime(490)
    expect(sent).toEqual([])
    vi.advanceTimersByTime(20)
    expect(sent).toEqual([1])
    expect(vi.getTimerCount()).toBe(0)
  })
})
