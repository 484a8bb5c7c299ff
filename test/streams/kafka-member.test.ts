import { EventEmitter } from 'node:events'
import kafkajs, { type Kafka } from 'kafkajs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { joinGroup } from '../../streams/kafka-member.ts'
import { quietLog } from '../connectors/quiet-log.ts'

const type = 'UNKNOWN_TOPIC_OR_PARTITION'
const unknownTopic = new kafkajs.KafkaJSProtocolError(
  Object.assign(new Error(type), { type, code: 3, retriable: true }),
)

/** A member of a group whose consumers say what the test has them say; `gone`: the topics that are no more. */
async function member(gone: string[]) {
  const consumers: EventEmitter[] = []
  const fatal: string[] = []
  const nothing = async () => {}
  const consumer = () => {
    const events = { GROUP_JOIN: 'join', HEARTBEAT: 'beat', CRASH: 'crash' }
    const one = Object.assign(new EventEmitter(), { events, connect: nothing, subscribe: nothing })
    consumers.push(one)
    return Object.assign(one, { run: nothing, disconnect: nothing })
  }
  const joined = await joinGroup({
    kafka: { consumer } as unknown as Kafka,
    group: 'g',
    topics: ['alerts'],
    sessionTimeoutMs: 6_000,
    concurrency: 1,
    onJoin: () => {},
    eachBatch: nothing,
    missing: async () => gone,
    onFatal: ({ message }) => fatal.push(message),
    log: quietLog(),
  })
  const say = (event: string, payload: object = {}) => consumers.at(-1)!.emit(event, { payload })
  return { ...joined, fatal, consumers, say }
}

describe('a member of a group', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const deleted =
    'topic alerts was deleted while it was in use; start again, which makes it anew, or restore it first'

  test('that crashes for want of its topic, and beats in between, ends where the topic is gone', async () => {
    const { say, fatal } = await member(['alerts'])
    for (let crash = 0; crash < 3; crash++) {
      say('beat')
      say('crash', { error: unknownTopic })
      await vi.advanceTimersByTimeAsync(5_000)
    }
    expect(fatal).toEqual([deleted])
  })

  test('that is given nothing to read, and so would never crash, ends where its topic is gone', async () => {
    const { say, fatal } = await member(['alerts'])
    say('join', { memberAssignment: {} })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(fatal).toEqual([deleted])
  })

  test('that is given nothing to read, since others have it, stays', async () => {
    const { say, fatal, consumers, stop } = await member([])
    say('join', { memberAssignment: {} })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(fatal).toEqual([])
    expect(consumers).toHaveLength(1)
    await stop()
  })
})
