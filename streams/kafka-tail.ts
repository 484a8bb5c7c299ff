import { randomUUID } from 'node:crypto'
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import type { Batch, Tail, TailOptions } from './bus.ts'
import { withAdmin } from './kafka-client.ts'
import { captureEnds } from './kafka-ends.ts'
import { joinGroup } from './kafka-member.ts'
import { createPlaces } from './kafka-places.ts'
import { toInRecord } from './kafka-record.ts'
import { passShells } from './kafka-shells.ts'
import type { Logger } from './logger.ts'
import { persist } from './persist.ts'

const MAX_WAIT_MS = 500
const MAX_BYTES = 10 * 1024 * 1024
/** More than a broker's largest batch, or a big one would have to wait until every other partition is quiet. */
const MAX_BYTES_PER_PARTITION = 1024 * 1024 + 64 * 1024
const PULSE_MS = 1_000

export interface TailContext {
  kafka: Kafka
  clientId: string
  sessionTimeoutMs: number
  log: Logger
}

/**
 * As Bus.tail. kafkajs reads only as a member of a group: this one has a random name, holds nobody else and never
 * commits, so it vanishes when it is left.
 */
export async function kafkaTail(
  { kafka, clientId, sessionTimeoutMs, log }: TailContext,
  { topics, from, onFatal }: TailOptions,
  apply: (batch: Batch) => Promise<void>,
): Promise<Tail> {
  const group = `${clientId}.tail.${randomUUID()}`
  const start = await captureEnds(kafka, topics)
  const places = createPlaces(start, from)
  const shells = passShells(
    { kafka, topics, maxWaitMs: MAX_WAIT_MS, maxBytes: MAX_BYTES, log },
    places,
    start,
  )
  const stopping = new AbortController()
  let joins = 0

  function join(consumer: Consumer, assigned: { topic: string; partition: number }[]): void {
    joins++
    shells.joined(consumer)
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
    shells.changed(place)
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
    const onFailure = (err: unknown, attempt: number, waitMs: number) =>
      log.warn(
        { topic, partition, offset: records[0]!.offset, attempt, waitMs, err },
        'could not apply a batch yet',
      )
    return persist(() => apply(batch), { signal: stopping.signal, onFailure })
  }

  /** Batches without a record for us (ends of transactions, aborted records) never reach eachBatch. */
  function passFiltered(consumer: Consumer): void {
    consumer.on(
      consumer.events.END_BATCH_PROCESS,
      ({ payload: { topic, partition, batchSize, lastOffset } }) => {
        if (batchSize > 0) return
        const place = places.get(topic, partition)
        shells.changed(place)
        place.read = Number(lastOffset) + 1
        places.moveTo(place, place.read)
      },
    )
  }

  function fail(error: Error): void {
    log.error({ group, err: error }, 'the tail cannot go on')
    void halt(error)
    onFatal?.(error)
  }

  async function halt(reason: Error): Promise<void> {
    stopping.abort(reason)
    shells.stop()
    places.giveUp(reason)
    await joining.then((member) => member.stop())
    await withAdmin(kafka, (admin) => admin.deleteGroups([group])).catch(() => {})
  }

  const joining = joinGroup({
    kafka,
    group,
    topics,
    sessionTimeoutMs,
    maxWaitMs: MAX_WAIT_MS,
    fetch: { maxBytes: MAX_BYTES, maxBytesPerPartition: MAX_BYTES_PER_PARTITION },
    concurrency: 1,
    onConsumer: (consumer) => {
      shells.follow(consumer)
      passFiltered(consumer)
    },
    onJoin: join,
    eachBatch,
    onFatal: fail,
    log,
  })
  await joining.catch((error) => {
    shells.stop()
    throw error
  })

  async function caughtUp(): Promise<void> {
    const ends = await captureEnds(kafka, topics)
    const reached = places.reach(ends)
    for (const place of places.behind()) shells.changed(place)
    await reached
  }

  return { caughtUp, stop: () => halt(new Error('the tail has been stopped')) }
}

function wentBack(topic: string, partition: number, expected: number, found: number): Error {
  return new Error(
    `${topic}/${partition} continues at offset ${found} where ${expected} was next: the topic has been created anew or ` +
      'has lost records; what was built from it must be built again',
  )
}
