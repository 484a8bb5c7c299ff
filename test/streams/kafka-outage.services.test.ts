import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bus, InRecord } from '../../streams/bus.ts'
import { available } from '../services/available.ts'
import { type KafkaService, startKafka } from '../services/kafka.ts'
import { until } from '../services/until.ts'
import { newTopic, numbered, numbers, openBus, readAll, SLOW, upTo } from './kafka-support.ts'

describe.skipIf(!available().kafka)('when the broker goes away', SLOW, () => {
  let kafka: KafkaService
  let bus: Bus
  beforeAll(async () => {
    kafka = await startKafka()
    bus = await openBus({ brokers: kafka.brokers, sendTimeoutMs: 30_000 })
  }, 120_000)
  afterAll(async () => {
    await bus?.close()
    await kafka?.stop()
  })

  test('for a moment: producers, members and tails go on by themselves, and nothing is lost', async () => {
    const topic = await newTopic(bus, { partitions: 3 })
    const out = await newTopic(bus, { partitions: 3, cleanup: 'compact' })
    const copies: InRecord[] = []
    const fatal: Error[] = []
    const onFatal = (error: Error) => fatal.push(error)
    const tail = await bus.tail({ topics: [out], from: () => 0, onFatal }, async ({ records }) => {
      copies.push(...records)
    })
    const member = await bus.process({ group: topic, topics: [topic], onFatal }, async ({ records }) =>
      records.map(({ key, value }) => ({ topic: out, key, value })),
    )
    let published = 0
    let restarted = false
    async function load(): Promise<void> {
      for (let more = 20; more > 0; more -= restarted ? 1 : 0) {
        await bus.publish(numbered(topic, 10, published))
        published += 10
      }
    }
    async function restart(): Promise<void> {
      await until('the load is under way', () => published > 50 || undefined)
      await kafka.restart({ hard: true })
      restarted = true
    }
    await Promise.all([load(), restart()])
    await until('everything is copied', () => new Set(numbers(copies)).size === published || undefined)
    expect(member.healthy()).toBe(true)
    expect(new Set(numbers(await readAll(bus, topic)))).toEqual(new Set(upTo(published)))
    expect(fatal).toEqual([])
    await member.stop()
    await tail.stop()
  })

  test('for longer than a publish may take: it is rejected, all are unhealthy, and all recover', async () => {
    const impatient = await openBus({ brokers: kafka.brokers, sendTimeoutMs: 2_000 })
    const topic = await newTopic(impatient)
    const handled: number[] = []
    const member = await impatient.process({ group: topic, topics: [topic] }, async ({ records }) => {
      handled.push(...numbers(records))
      return []
    })
    await impatient.publish(numbered(topic, 1))
    await until('the first record is handled', () => handled.length === 1 || undefined)

    await kafka.stop({ keep: true })
    await expect(impatient.publish(numbered(topic, 1, 1))).rejects.toThrow(
      `the broker has not stored records for ${topic} within 2000 ms`,
    )
    expect(member.healthy()).toBe(false)
    await until('the session is over', () => !member.healthy() || undefined)
    await kafka.start()
    await until('the next publish succeeds', () => impatient.publish(numbered(topic, 1, 2)).then(() => true))
    await until('it is handled', () => handled.includes(2) || undefined)
    expect(member.healthy()).toBe(true)
    await impatient.close()
  })
})
