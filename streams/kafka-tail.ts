import { randomUUID } from 'node:crypto'
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import type { Batch, Bus, Tail, TailOptions } from './bus.ts'
import { withAdmin } from './kafka-client.ts'
import { joinGroup } from './kafka-member.ts'
import { createPlaces, type TopicOffsets } from './kafka-places.ts'
import { toInRecord } from './kafka-record.ts'
import type { Logger } from './logger.ts'
import { persist } from './persist.ts'
import { StoreError } from './store.ts'

const PULSE_MS = 1_000

export interface TailContext {
  kafka: Kafka
  offsets: Bus['offsets']
  clientId: string
  sessionTimeoutMs: number
  /** As of MemberOptions. */
  missing: (topics: readonly string[]) => Promise<string[]>
  log: Logger
}

/**
 * As Bus.tail. kafkajs reads only as a member of a group: this one has a random name, holds nobody else and never
 * commits, so it vanishes when it is left.
 */
export async function kafkaTail(
  { kafka, offsets, clientId, sessionTimeoutMs, missing, log }: TailContext,
  { topics, from, onFatal }: TailOptions,
  apply: (batch: Batch) => Promise<void>,
): Promise<Tail> {
  const group = `${clientId}.tail.${randomUUID()}`
  const places = createPlaces(await allOffsets(), from)
  const stopping = new AbortController()
  let joins = 0

  async function allOffsets(): Promise<TopicOffsets[]> {
    const each = async (topic: string) => {
      const partitions = await offsets(topic)
      if (partitions.length === 0) {
        throw new Error(`topic ${topic} does not exist: create it with \`tfdrift topics create\``)
      }
      return partitions.map((partition) => ({ topic, ...partition }))
    }
    return (await Promise.all(topics.map(each))).flat()
  }

  function join(consumer: Consumer, assigned: { topic: string; partition: number }[]): void {
    joins++
    for (const { topic, partition } of assigned) {
      const place = places.get(topic, partition)
      place.read = place.next
      consumer.seek({ topic, partition, offset: String(place.next) })
    }
  }

  async function eachBatch({ batch, heartbeat, resolveOffset }: EachBatchPayload): Promise<void> {
    const { topic, partition } = batch
    const place = places.get(topic, partition)
    const first = Number(batch.firstOffset())
    const joined = joins
    if (stopping.signal.aborted) return
    if (first < place.read) return fail(wentBack(topic, partition, place.read, first))

    // After another join kafkajs may bring again what was being applied meanwhile.
    const messages = batch.messages.filter(({ offset }) => Number(offset) >= place.next)
    const records = messages.map((message) => toInRecord(topic, partition, message))
    const pulse = setInterval(() => void heartbeat().catch(() => {}), PULSE_MS)
    try {
      if (records.length > 0) await insist({ topic, partition, records, high: Number(batch.highWatermark) })
    } catch (error) {
      if (stopping.signal.aborted) return
      throw error
    } finally {
      clearInterval(pulse)
    }
    if (joined === joins) {
      resolveOffset(batch.messages.at(-1)!.offset)
      place.read = Number(batch.lastOffset()) + 1
    }
    places.moveTo(place, Number(batch.lastOffset()) + 1)
  }

  function insist(batch: Batch): Promise<void> {
    const { topic, partition, records } = batch
    const onFailure = (err: unknown, attempt: number, waitMs: number) => {
      const { offset } = records[0]!
      log.warn({ topic, partition, offset, attempt, waitMs, err }, 'could not apply a batch yet')
      if (err instanceof StoreError && err.code === 'CORRUPT') fail(err)
    }
    return persist(() => apply(batch), { signal: stopping.signal, onFailure })
  }

  /** What holds no record for us (emptied batches, ends of transactions) does not reach eachBatch. */
  function passFiltered(consumer: Consumer): void {
    consumer.on(
      consumer.events.END_BATCH_PROCESS,
      ({ payload: { topic, partition, batchSize, lastOffset } }) => {
        if (batchSize > 0) return
        const place = places.get(topic, partition)
        place.read = Number(lastOffset) + 1
        places.moveTo(place, place.read)
      },
    )
  }

  function fail(error: Error): void {
    log.error({ group, err: error }, 'the tail cannot go on')
    halt(error).catch(() => {}) // where it could not even start, the caller has been told
    onFatal?.(error)
  }

  async function halt(reason: Error): Promise<void> {
    stopping.abort(reason)
    places.giveUp(reason)
    await (await joining).stop()
    await withAdmin(kafka, (admin) => admin.deleteGroups([group])).catch(() => {})
  }

  const joining = joinGroup({
    kafka,
    group,
    topics,
    sessionTimeoutMs,
    concurrency: 1,
    missing,
    onConsumer: passFiltered,
    onJoin: join,
    eachBatch,
    onFatal: fail,
    log,
  })
  await joining

  return {
    caughtUp: async () => places.reach(await allOffsets()),
    stop: () => halt(new Error('the tail has been stopped')),
  }
}

function wentBack(topic: string, partition: number, expected: number, found: number): Error {
  return new Error(
    `${topic}/${partition} continues at offset ${found} where ${expected} was next: the topic has been created anew or ` +
      'has lost records; what was built from it must be built again',
  )
}
