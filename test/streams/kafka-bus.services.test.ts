import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bus, GroupActiveError } from '../../streams/bus.ts'
import { available } from '../services/available.ts'
import { until } from '../services/until.ts'
import { busContract } from './bus.contract.ts'
import { newTopic, numbered, numbers, openBus, readAll, SLOW, upTo } from './kafka-support.ts'

const { kafka } = available()

describe.skipIf(!kafka)('with a real broker', () => {
  busContract('Kafka', async () => {
    const bus = await openBus()
    return { bus, stop: () => bus.close() }
  })
})

describe.skipIf(!kafka)('a bus on Kafka', SLOW, () => {
  const client = new Kafka({ brokers: kafka?.brokers ?? [], logLevel: logLevel.NOTHING })
  let bus: Bus
  beforeAll(async () => {
    bus = await openBus()
  })
  afterAll(() => bus?.close())

  test('tells each record its place when one call takes many requests', async () => {
    const topic = await newTopic(bus, { partitions: 5 })
    const records = numbered(topic, 5_000)
    const positions = await bus.publish(records)
    const places = new Map(
      (await readAll(bus, topic)).map((each) => [`${each.partition}/${each.offset}`, each]),
    )
    expect(places.size).toBe(5_000)
    const found = positions.map(({ partition, offset }) => places.get(`${partition}/${offset}`))
    expect(found.map((each) => String(each?.value))).toEqual(records.map(({ value }) => String(value)))
  })

  test('splits what is larger than a request may be', async () => {
    const topic = await newTopic(bus)
    const value = Buffer.alloc(300_000)
    const positions = await bus.publish(upTo(20).map(() => ({ topic, key: null, value })))
    expect(positions.map(({ offset }) => offset)).toEqual(upTo(20))
  })

  test('refuses a record that the broker finds too large, and stores those of other calls', async () => {
    const topic = await newTopic(bus)
    const large = { topic, key: null, value: Buffer.alloc(2_000_000) }
    const [first, second, third] = await Promise.allSettled([
      bus.publish(numbered(topic, 1)),
      bus.publish([large]),
      bus.publish(numbered(topic, 1, 1)),
    ])
    expect([first.status, second.status, third.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(String(second.status === 'rejected' && second.reason)).toMatch(/message.*size|too large/i)
    expect(numbers(await readAll(bus, topic))).toEqual([0, 1])
  })

  test('reads what it has written compressed', async () => {
    const gzip = await openBus({ gzip: true })
    const topic = await newTopic(gzip)
    await gzip.publish(numbered(topic, 100))
    expect(numbers(await readAll(gzip, topic))).toEqual(upTo(100))
    await gzip.close()
  })

  test('leaves no trace of a producer in compacted topics, where its empty batches would stay', async () => {
    const compacted = await newTopic(bus, { cleanup: 'compact' })
    const cut = await newTopic(bus)
    await bus.publish([...numbered(compacted, 1), ...numbered(cut, 1)])
    const producers = new Map<string, string>()
    const consumer = client.consumer({ groupId: cut, maxWaitTimeInMs: 100 })
    await consumer.subscribe({ topics: [compacted, cut], fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ topic, message }) => {
        const { batchContext } = message as typeof message & { batchContext: { producerId: string } }
        producers.set(topic, batchContext.producerId)
      },
    })
    await until('both are read', () => producers.size === 2 || undefined)
    await consumer.disconnect()
    expect(producers.get(compacted)).toBe('-1')
    expect(Number(producers.get(cut))).toBeGreaterThanOrEqual(0)
  })

  test('does not move the offsets of a group that has members', async () => {
    const topic = await newTopic(bus)
    const member = await bus.process({ group: topic, topics: [topic] }, async () => [])
    const refused = bus.resetOffsets(topic, topic, { to: 'earliest' })
    await expect(refused).rejects.toThrow(GroupActiveError)
    await expect(refused).rejects.toThrow(`group ${topic} has live members`)
    await member.stop()
    await bus.resetOffsets(topic, topic, { to: 'earliest' })
  })

  test('creates topics with what each policy needs, also when several instances start at once', async () => {
    const admin = client.admin()
    await admin.connect()
    const [cut, compacted] = [`cut-${Date.now()}`, `compacted-${Date.now()}`]
    const topics = [
      { name: cut, partitions: 2, cleanup: 'delete', retentionMs: 86_400_000, replicationFactor: 1 },
      { name: compacted, partitions: 3, cleanup: 'compact' },
    ] as const
    const others = await Promise.all([openBus(), openBus(), openBus()])
    await Promise.all(others.map((other) => other.ensureTopics(topics)))
    await Promise.all(others.map((other) => other.close()))
    expect(await settingsOf(cut)).toMatchObject({ 'cleanup.policy': 'delete', 'retention.ms': '86400000' })
    expect(await settingsOf(compacted)).toMatchObject({
      'cleanup.policy': 'compact',
      'min.cleanable.dirty.ratio': '0.1',
      'delete.retention.ms': '86400000',
      'compression.type': 'producer',
    })
    await admin.disconnect()

    async function settingsOf(name: string): Promise<Record<string, string>> {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name }],
      })
      return Object.fromEntries(
        resources[0]!.configEntries.map((each) => [each.configName, each.configValue]),
      )
    }
  })

  test('makes many topics at once, although the broker shows each only after a while', async () => {
    const sets = Array.from({ length: 24 }, (_, set) =>
      Array.from({ length: 8 }, (_, n) => ({
        name: `many-${Date.now()}-${set}-${n}`,
        partitions: 2,
        cleanup: 'delete' as const,
      })),
    )
    const buses = await Promise.all(sets.map(() => openBus()))
    await Promise.all(sets.map((topics, index) => buses[index]!.ensureTopics(topics)))
    await Promise.all(buses.map((one) => one.close()))
  })

  test('takes a record of 10 MB where its topic allows that', async () => {
    const name = `large-${Date.now()}`
    await bus.ensureTopics([{ name, partitions: 1, cleanup: 'delete', maxMessageBytes: 16 * 2 ** 20 }])
    const value = Buffer.alloc(10_000_000, 'x')
    await bus.publish([{ topic: name, key: null, value }])
    const [record] = await readAll(bus, name)
    expect(record!.value!.equals(value)).toBe(true)
  })

  test('cannot be opened where there is no broker', async () => {
    await expect(openBus({ brokers: ['127.0.0.1:1'] })).rejects.toThrow('ECONNREFUSED')
  })
})
