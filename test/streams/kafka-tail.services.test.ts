import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bus, InRecord } from '../../streams/bus.ts'
import { available } from '../services/available.ts'
import { compactedTopic, publishTwice } from '../services/compacted-topic.ts'
import { until } from '../services/until.ts'
import { newTopic, numbered, numbers, openBus, readAll, SLOW, upTo } from './kafka-support.ts'

describe.skipIf(!available().kafka)('a tail on Kafka', SLOW, () => {
  const kafka = new Kafka({ brokers: available().kafka?.brokers ?? [], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  let bus: Bus
  beforeAll(async () => {
    bus = await openBus()
    await admin.connect()
  })
  afterAll(async () => {
    await bus?.close()
    await admin.disconnect()
  })

  test('reads past a batch that compaction has emptied', async () => {
    const topic = await compactedTopic(admin)
    await publishTwice(kafka, topic, { idempotent: true })
    const offsets = await until('the old x has gone', async () => {
      const left = (await readAll(bus, topic)).map(({ offset }) => offset)
      return left.includes(1) ? undefined : left
    })
    expect(offsets).toEqual([0, 2, 3, 4])
  })

  test('reads past the end of a transaction, the last thing in the log', async () => {
    const topic = await newTopic(bus)
    const producer = kafka.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    const given = await producer.transaction()
    await given.send({ topic, messages: [{ value: '0' }] })
    await given.commit()
    const withdrawn = await producer.transaction()
    await withdrawn.send({ topic, messages: [{ value: '1' }] })
    await withdrawn.abort()
    await producer.disconnect()

    expect(numbers(await readAll(bus, topic))).toEqual([0])
    expect((await bus.offsets(topic))[0]?.high).toBe(4)
  })

  test('starts at the first record that is left when its position has been cut off', async () => {
    const topic = await newTopic(bus)
    await bus.publish(numbered(topic, 10))
    await admin.fetchTopicOffsets(topic) // deleteTopicRecords works only where kafkajs knows the leaders already
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '4' }] })
    expect(numbers(await readAll(bus, topic))).toEqual([4, 5, 6, 7, 8, 9])
  })

  test('gives up, loudly, when the topic has been created anew below it', async () => {
    const topic = await newTopic(bus)
    await bus.publish(numbered(topic, 10))
    const seen: InRecord[] = []
    const fatal: Error[] = []
    const options = { topics: [topic], from: () => 0, onFatal: (error: Error) => fatal.push(error) }
    const tail = await bus.tail(options, async ({ records }) => {
      seen.push(...records)
    })
    await tail.caughtUp()
    await admin.deleteTopics({ topics: [topic] })
    const other = await openBus()
    await until('it can be created again', () =>
      other.ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete' }]).then(() => true),
    )
    await other.publish(numbered(topic, 3))
    await until('the tail gives up', () => fatal[0])
    expect(fatal[0]?.message).toContain(`${topic}/0 continues at offset 0 where 10 was next`)
    expect(seen).toHaveLength(10)
    await expect(tail.caughtUp()).rejects.toThrow('created anew')
    await other.close()
  })

  test('leaves no group behind', async () => {
    const topic = await newTopic(bus)
    const own = await openBus({ clientId: topic })
    const tail = await own.tail({ topics: [topic], from: () => 0 }, async () => {})
    const groups = async () =>
      (await admin.listGroups()).groups.filter(({ groupId }) => groupId.startsWith(topic))
    expect(await groups()).toHaveLength(1)
    await tail.stop()
    expect(await groups()).toEqual([])
    await own.close()
  })

  test('applies a batch again until it succeeds, and stays a member meanwhile', async () => {
    const topic = await newTopic(bus)
    await bus.publish(numbered(topic, 5))
    const applied: number[][] = []
    const tail = await bus.tail({ topics: [topic], from: () => 0 }, async ({ records }) => {
      applied.push(numbers(records))
      if (applied.length < 4) throw new Error('the disk is full')
    })
    await tail.caughtUp()
    await tail.stop()
    expect(applied).toEqual([upTo(5), upTo(5), upTo(5), upTo(5)])
  })

  test('tells those who wait that it has been stopped', async () => {
    const topic = await newTopic(bus)
    await bus.publish(numbered(topic, 1))
    const tail = await bus.tail({ topics: [topic], from: () => 0 }, async () => {
      throw new Error('never')
    })
    const waiting = expect(tail.caughtUp()).rejects.toThrow('stopped')
    await tail.stop()
    await waiting
  })

  test('names a topic that does not exist', async () => {
    await expect(bus.tail({ topics: ['nowhere'], from: () => 0 }, async () => {})).rejects.toThrow(
      'topic nowhere does not exist',
    )
  })
})
