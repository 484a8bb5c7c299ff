import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bus, InRecord, ProcessOptions } from '../../streams/bus.ts'
import { available } from '../services/available.ts'
import { until } from '../services/until.ts'
import { newTopic, numbered, numbers, openBus, readAll, SLOW } from './kafka-support.ts'

const SESSION_MS = 1_500

describe.skipIf(!available().kafka)('a member of a Kafka group', SLOW, () => {
  let bus: Bus
  beforeAll(async () => {
    bus = await openBus({ sessionTimeoutMs: SESSION_MS })
  })
  afterAll(() => bus?.close())

  test('keeps its partitions while it handles one batch for longer than a session', async () => {
    const topic = await newTopic(bus)
    await bus.publish(numbered(topic, 3))
    const assignments: unknown[] = []
    const handled: number[] = []
    const options = {
      group: topic,
      topics: [topic],
      onAssigned: async (partitions: unknown) => void assignments.push(partitions),
    }
    const member = await bus.process(options, async ({ records }) => {
      const started = Date.now()
      await until('two sessions are over', () => Date.now() - started > 2 * SESSION_MS || undefined)
      handled.push(...numbers(records))
      return []
    })
    await until('the batch is committed', async () => {
      const [committed] = await bus.committed(topic, topic)
      return committed?.offset === 3 || undefined
    })
    expect(member.healthy()).toBe(true)
    await member.stop()
    expect(member.healthy()).toBe(false)
    expect(assignments).toEqual([[{ topic, partition: 0 }]])
    expect(handled).toEqual([0, 1, 2])
  })

  test('waits for onAssigned, and repeats it, before its first batch, without losing its partitions', async () => {
    const topic = await newTopic(bus)
    await bus.publish(numbered(topic, 1))
    const events: string[] = []
    const started = Date.now()
    async function onAssigned(): Promise<void> {
      events.push('assigned')
      if (events.length < 3) throw new Error('the table cannot be read yet')
      await until('two sessions are over', () => Date.now() - started > 2 * SESSION_MS || undefined)
      events.push('ready')
    }
    const member = await bus.process({ group: topic, topics: [topic], onAssigned }, async () => {
      events.push('handled')
      return []
    })
    await until('the record is handled', () => events.includes('handled') || undefined)
    await member.stop()
    expect(events).toEqual(['assigned', 'assigned', 'assigned', 'ready', 'handled'])
  })

  test('can be stopped while onAssigned waits for ever', async () => {
    const topic = await newTopic(bus)
    await bus.publish(numbered(topic, 1))
    let asked = false
    const onAssigned = () => {
      asked = true
      return new Promise<void>(() => {})
    }
    const member = await bus.process({ group: topic, topics: [topic], onAssigned }, async () => [])
    await until('onAssigned is called', () => asked || undefined)
    await member.stop()
  })

  test('gives up a batch that keeps failing when it is stopped, and leaves it to the next member', async () => {
    const topic = await newTopic(bus)
    await bus.publish(numbered(topic, 4))
    let tries = 0
    const failing = await bus.process({ group: topic, topics: [topic], maxBatch: 2 }, async () => {
      tries++
      throw new TypeError('a fault of ours')
    })
    await until('it has tried three times', () => tries >= 3 || undefined)
    await failing.stop()
    expect(await bus.committed(topic, topic)).toEqual([{ partition: 0, offset: null }])

    const handled: number[][] = []
    const next = await bus.process({ group: topic, topics: [topic], maxBatch: 2 }, async ({ records }) => {
      handled.push(numbers(records))
      return []
    })
    await until('all is handled', () => handled.length === 2 || undefined)
    await next.stop()
    expect(handled).toEqual([
      [0, 1],
      [2, 3],
    ])
    expect(await bus.committed(topic, topic)).toEqual([{ partition: 0, offset: 4 }])
  })

  test('stores what is to be last when the rest is stored', async () => {
    const topic = await newTopic(bus)
    const out = await newTopic(bus)
    await bus.publish(numbered(topic, 1))
    const record = (text: string) => ({ topic: out, key: null, value: Buffer.from(text) })
    const told: [string, number][] = []
    const onPublished: ProcessOptions['onPublished'] = async (records, positions) => {
      for (const [i, { value }] of records.entries()) told.push([String(value), positions[i]!.offset])
    }
    const member = await bus.process({ group: topic, topics: [topic], onPublished }, async () => [
      { ...record('status'), last: true },
      record('alert'),
      { ...record('other status'), last: true },
      record('other alert'),
    ])
    await until('all is published', () => told.length === 4 || undefined)
    await member.stop()
    expect(told).toEqual([
      ['alert', 0],
      ['other alert', 1],
      ['status', 2],
      ['other status', 3],
    ])
    const stored = await readAll(bus, out)
    expect(stored.map(({ value }) => String(value))).toEqual(told.map(([text]) => text))
  })

  test('publishes again, with the same records, when publishing or what follows it has failed', async () => {
    const topic = await newTopic(bus)
    const out = await newTopic(bus)
    await bus.publish(numbered(topic, 2))
    let handles = 0
    let published = 0
    async function onPublished(): Promise<void> {
      published++
      if (published < 3) throw new Error('the table cannot be written')
    }
    const member = await bus.process({ group: topic, topics: [topic], onPublished }, async ({ records }) => {
      handles++
      return records.map(({ key, value }) => ({ topic: out, key, value }))
    })
    await until('the batch is committed', async () => {
      const [committed] = await bus.committed(topic, topic)
      return committed?.offset === 2 || undefined
    })
    await member.stop()
    expect([handles, published]).toEqual([1, 3])
    expect(numbers(await readAll(bus, out))).toEqual([0, 1])
  })

  test('shares the partitions with others that come and go, and loses or reorders nothing', async () => {
    const topic = await newTopic(bus, { partitions: 6 })
    const out = await newTopic(bus, { partitions: 6 })
    const total = 6_000
    const copy = async (records: InRecord[]) => records.map(({ key, value }) => ({ topic: out, key, value }))
    const others = await Promise.all([
      openBus({ sessionTimeoutMs: SESSION_MS }),
      openBus({ sessionTimeoutMs: SESSION_MS }),
    ])
    const join = (from: Bus) =>
      from.process({ group: topic, topics: [topic], maxBatch: 50 }, ({ records }) => copy(records))
    async function load(): Promise<void> {
      for (let first = 0; first < total; first += 100) await bus.publish(numbered(topic, 100, first))
    }
    async function comingAndGoing(): Promise<void> {
      const second = await join(others[0])
      const third = await join(others[1])
      await second.stop()
      const fourth = await join(others[0])
      await third.stop()
      await fourth.stop()
    }
    const first = await join(bus)
    await Promise.all([load(), comingAndGoing()])
    await until('all is committed', async () => {
      const ends = await bus.offsets(topic)
      const committed = await bus.committed(topic, topic)
      return ends.every(({ high }, index) => high === 0 || committed[index]?.offset === high) || undefined
    })
    await first.stop()
    await Promise.all(others.map((other) => other.close()))

    const copies = await readAll(bus, out)
    expect(new Set(numbers(copies)).size).toBe(total)
    for (const key of new Set(copies.map((copy) => String(copy.key)))) {
      const first = [...new Set(numbers(copies.filter((copy) => String(copy.key) === key)))]
      expect(first).toEqual(first.toSorted((a, b) => a - b))
    }
  })

  test('publishes nothing for a partition that it has lost while it was not looking', async () => {
    const topic = await newTopic(bus)
    const out = await newTopic(bus)
    await bus.publish(numbered(topic, 1))
    let calls = 0
    const member = await bus.process({ group: topic, topics: [topic] }, async ({ records }) => {
      calls++
      if (calls === 1) blockUntilTakenOver(topic)
      return records.map(({ key }) => ({ topic: out, key, value: Buffer.from(`call ${calls}`) }))
    })
    await until('the partition has come back', () => calls === 2 || undefined)
    await until('the batch is committed', async () => {
      const [committed] = await bus.committed(topic, topic)
      return committed?.offset === 1 || undefined
    })
    await member.stop()
    expect((await readAll(bus, out)).map(({ value }) => String(value))).toEqual(['call 2'])
  })

  test('does not start on a topic that does not exist', async () => {
    const starting = bus.process({ group: 'g', topics: ['nowhere'] }, async () => [])
    await expect(starting).rejects.toThrow('topic nowhere does not exist')
  })
})

/** Blocks this thread, heartbeats and all, until a member in another thread has been given the partition. */
function blockUntilTakenOver(topic: string): void {
  const signal = new Int32Array(new SharedArrayBuffer(4))
  const code = `
    const { workerData: { brokers, topic, signal } } = require('node:worker_threads')
    const { Kafka, logLevel } = require('kafkajs')
    const consumer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).consumer({ groupId: topic, sessionTimeout: 5000, heartbeatInterval: 100, maxWaitTimeInMs: 100 })
    consumer.on(consumer.events.GROUP_JOIN, async ({ payload }) => {
      if (!payload.memberAssignment[topic]?.length) return
      Atomics.store(signal, 0, 1)
      Atomics.notify(signal, 0)
      setTimeout(() => consumer.disconnect(), 500)
    })
    consumer.connect().then(() => consumer.subscribe({ topic })).then(() => consumer.run({ autoCommit: false, eachBatch: async () => {} }))`
  new Worker(code, { eval: true, workerData: { brokers: available().kafka?.brokers, topic, signal } })
  Atomics.wait(signal, 0, 0, 30_000)
}
