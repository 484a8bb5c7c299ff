import { randomUUID } from 'node:crypto'
import { type Admin, type Consumer, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { available } from './available.ts'
import { compactedTopic, publish, publishTwice, record } from './compacted-topic.ts'
import { startKafka } from './kafka.ts'
import { resetOffsets } from './kafka-tools.ts'
import { until } from './until.ts'

const services = available()
// Each takes seconds; the bound is for a busy machine.
const SLOW = { timeout: 120_000 }

// What docs/decisions/0002 says about KafkaJS as it comes, without the project's own fixes.
describe.skipIf(!services.kafka)('KafkaJS on Kafka 4', { concurrent: true }, () => {
  const kafkaService = services.kafka ?? { brokers: [], classpath: '' }
  const kafka = new Kafka({ brokers: kafkaService.brokers, logLevel: logLevel.NOTHING })
  let admin: Admin

  beforeAll(async () => {
    admin = kafka.admin()
    await admin.connect()
  })
  afterAll(() => admin.disconnect())

  test(
    'an emptied batch at the end of a cleaned segment stalls a consumer; seek(next + 1) gets it past',
    SLOW,
    async () => {
      const topic = await compactedTopic(admin)
      await publishTwice(kafka, topic, { idempotent: true })
      const reader = await until('the first value of x is compacted away', () =>
        readUntilStill(kafka, topic, true),
      )
      try {
        expect(reader.offsets).toEqual([0])
        expect(reader.meanFetchMs(), 'it fetches in a hot loop').toBeLessThan(100)
        reader.consumer.seek({ topic, partition: 0, offset: '2' })
        await until('the rest is read', () => reader.offsets.includes(4) || undefined)
        expect(reader.offsets).toEqual([0, 2, 3, 4])
      } finally {
        await reader.consumer.disconnect()
      }
    },
  )

  test('a producer without idempotence leaves no such batch behind', SLOW, async () => {
    const topic = await compactedTopic(admin)
    await publishTwice(kafka, topic, { idempotent: false })
    const reader = await until('the first value of x is compacted away', () =>
      readUntilStill(kafka, topic, false),
    )
    await reader.consumer.disconnect()
    expect(reader.offsets).toEqual([0, 2, 3, 4])
  })

  test(
    "Kafka's own tool moves a group, where KafkaJS's resetOffsets only forgets the offsets",
    SLOW,
    async () => {
      const topic = `reset-${randomUUID()}`
      const group = `group-${randomUUID()}`
      await admin.createTopics({ topics: [{ topic }], waitForLeaders: true })
      await publish(kafka, topic, { idempotent: true }, [record('a'), record('b'), record('c')])
      const committed = async () =>
        (await admin.fetchOffsets({ groupId: group, topics: [topic] }))[0]?.partitions[0]?.offset

      expect(await resetOffsets(kafkaService, group, topic, '--to-latest')).toEqual(new Map([[0, 3n]]))
      expect(await committed()).toBe('3')
      expect(await resetOffsets(kafkaService, group, `${topic}:0`, '--to-offset', '1')).toEqual(
        new Map([[0, 1n]]),
      )
      expect(await committed()).toBe('1')
      await admin.resetOffsets({ groupId: group, topic, earliest: true })
      expect(await committed()).toBe('-2')
      await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '2' }] })
      expect(await committed()).toBe('2')
      await admin.deleteGroups([group])
      expect(await committed()).toBe('-1')
      await expect(resetOffsets(kafkaService, group, 'no-such-topic', '--to-latest')).rejects.toThrow(
        'moved nothing',
      )
    },
  )

  test(
    'a broker comes back on its port with its data, after an orderly stop and after SIGKILL',
    SLOW,
    async () => {
      const own = await startKafka()
      try {
        const client = new Kafka({ brokers: own.brokers, logLevel: logLevel.NOTHING })
        const ownAdmin = client.admin()
        await ownAdmin.connect()
        await ownAdmin.createTopics({ topics: [{ topic: 'kept' }], waitForLeaders: true })
        await publish(client, 'kept', { idempotent: true }, [record('a')])
        await own.restart()
        await publish(client, 'kept', { idempotent: true }, [record('b')])
        await own.restart({ hard: true })
        await publish(client, 'kept', { idempotent: true }, [record('c')])
        expect(await ownAdmin.fetchTopicOffsets('kept')).toMatchObject([{ low: '0', high: '3' }])
        await ownAdmin.disconnect()
      } finally {
        await own.stop()
      }
    },
  )
})

interface Reader {
  consumer: Consumer
  offsets: number[]
  meanFetchMs(): number
}

/**
 * Reads from the start until a consumer gets nothing any more: at offset 4, or in a stall, which is thirty fetches
 * in a row without a batch. Undefined when what came is not yet the cleaned log.
 */
async function readUntilStill(kafka: Kafka, topic: string, stalls: boolean): Promise<Reader | undefined> {
  const consumer = kafka.consumer({ groupId: randomUUID(), sessionTimeout: 6000, maxWaitTimeInMs: 500 })
  const offsets: number[] = []
  let empty: number[] = []
  consumer.on(consumer.events.FETCH, ({ payload }) => empty.push(payload.duration))
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      empty = []
      offsets.push(...batch.messages.map(({ offset }) => Number(offset)))
    },
  })
  await until('it reads to the end or stalls', () => offsets.includes(4) || empty.length >= 30 || undefined)
  if (!offsets.includes(1) && offsets.includes(4) !== stalls) {
    return { consumer, offsets, meanFetchMs: () => empty.reduce((sum, ms) => sum + ms, 0) / empty.length }
  }
  await consumer.disconnect()
  return undefined
}
