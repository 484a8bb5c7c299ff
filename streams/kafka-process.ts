import type { EachBatchPayload, Kafka } from 'kafkajs'
import type { Batch, Handle, OutRecord, Position, ProcessOptions, Running } from './bus.ts'
import { inTurns } from './in-turns.ts'
import { type Assignment, createAssignment, requireAlive } from './kafka-assignment.ts'
import { joinGroup } from './kafka-member.ts'
import type { KafkaPublisher } from './kafka-publisher.ts'
import { toInRecord } from './kafka-record.ts'
import { nameOf, type Place, ticks } from './kafka-ticks.ts'
import type { Logger } from './logger.ts'
import { persist } from './persist.ts'
import { StoreError } from './store.ts'

/** kafkajs' default, which the coordinator is told at each join. */
const REBALANCE_TIMEOUT_MS = 60_000
/** kafkajs sends a heartbeat at most every third of a session, however often it is asked. */
const PULSE_MS = 500

export interface ProcessContext {
  kafka: Kafka
  publisher: Pick<KafkaPublisher, 'publish' | 'healthy'>
  sessionTimeoutMs: number
  partitionsConcurrently: number
  /** As of MemberOptions. */
  metadataMaxAgeMs?: number
  missing?: (topics: readonly string[]) => Promise<string[]>
  onLost?: (error: Error) => void
  log: Logger
}

/** An assignment with what hangs on it: the work before its first batch, and the end of all trying. */
interface Tenure {
  assignment: Assignment
  ready: Promise<void>
  over: AbortSignal
}

/** As Bus.process: a member of a group that handles, publishes and commits chunk by chunk. */
export async function kafkaProcess(
  { kafka, publisher, sessionTimeoutMs, partitionsConcurrently, log, ...member }: ProcessContext,
  { group, topics, maxBatch = 500, onAssigned, onPublished, tick, onFatal }: ProcessOptions,
  handle: Handle,
): Promise<Running> {
  const stopping = new AbortController()
  const inTurn = inTurns()
  let ticking: Promise<unknown> = Promise.resolve()
  let current: Tenure | undefined
  let failing = false

  function join(partitions: Place[]): void {
    current?.assignment.replaced()
    failing = false
    const assignment = createAssignment(sessionTimeoutMs, REBALANCE_TIMEOUT_MS)
    const over = AbortSignal.any([assignment.ending, stopping.signal])
    const prepared = insist(over, { step: 'onAssigned' }, async () => onAssigned?.(partitions))
    const ready = Promise.race([prepared, abortion(over)])
    ready.catch(() => {})
    const tenure = { assignment, ready, over }
    current = tenure
    if (tick) {
      const work = (place: Place) => inTurn(nameOf(place), () => tickAt(place, tenure))
      ticking = Promise.all([ticking, ticks({ ...tick, ...tenure, places: partitions, work }).catch(fail)])
    }
    log.info({ group, partitions: partitions.length }, 'joined the group')
  }

  /** Repeats a step until it succeeds or, after a failure, the assignment ends or the member is to stop. */
  async function insist<T>(signal: AbortSignal, fields: object, step: () => Promise<T>): Promise<T> {
    const onFailure = (err: unknown, attempt: number, waitMs: number) => {
      failing = true
      log.warn({ group, ...fields, attempt, waitMs, err }, 'a step has failed and will be tried again')
      if (err instanceof StoreError && err.code === 'CORRUPT') fail(err)
    }
    const result = await persist(step, { signal, onFailure })
    failing = false
    return result
  }

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const tenure = current
    if (!tenure) return
    const { assignment, ready, over } = tenure
    const beat = () => payload.heartbeat().catch((error) => void assignment.refused(error))
    const pulse = setInterval(beat, PULSE_MS)
    try {
      await ready
      const { messages } = payload.batch
      for (let from = 0; from < messages.length && !over.aborted && !payload.isStale(); from += maxBatch) {
        await inTurn(nameOf(payload.batch), async () => {
          over.throwIfAborted()
          await runChunk(payload, tenure, from, beat)
        })
      }
    } catch (error) {
      if (!over.aborted) throw error
    } finally {
      clearInterval(pulse)
    }
    // Thrown, it makes kafkajs join again at once; what has not been committed is read again by whoever owns it then.
    if (assignment.ending.aborted && current === tenure) throw assignment.ending.reason
  }

  async function runChunk(
    { batch, commitOffsetsIfNecessary, resolveOffset }: EachBatchPayload,
    tenure: Tenure,
    from: number,
    beat: () => Promise<void>,
  ): Promise<void> {
    const { assignment, over } = tenure
    const { topic, partition } = batch
    const messages = batch.messages.slice(from, from + maxBatch)
    const records = messages.map((message) => toInRecord(topic, partition, message))
    const last = from + maxBatch < batch.messages.length ? messages.at(-1)!.offset : batch.lastOffset()
    const fields = (step: string) => ({ step, topic, partition, offset: records[0]!.offset })

    const chunk: Batch = { topic, partition, records, high: Number(batch.highWatermark) }
    const out = await insist(over, fields('handle'), () => handle(chunk, over))
    // Asked for just before it matters: handle may have kept the process busy for longer than a session.
    await beat()
    await publish(out, tenure, fields)
    await insist(over, fields('commit'), async () => {
      // kafkajs would commit under the newest assignment, whichever this chunk was read under.
      requireAlive(assignment)
      const partitions = [{ partition, offset: String(Number(last) + 1) }]
      await commitOffsetsIfNecessary({ topics: [{ topic, partitions }] }).catch((error) => {
        assignment.refused(error)
        throw error
      })
      assignment.confirmed()
    })
    if (assignment.alive()) resolveOffset(last)
  }

  async function publish(
    out: OutRecord[],
    { assignment, over }: Tenure,
    fields: (step: string) => object,
  ): Promise<void> {
    const inOrder = [out.filter(({ last }) => !last), out.filter(({ last }) => last)]
    const positions: Position[] = []
    for (const records of inOrder) {
      const stored = await insist(over, fields('publish'), async () => {
        requireAlive(assignment)
        return records.length === 0 ? [] : publisher.publish(records, assignment.alive)
      })
      positions.push(...stored)
    }
    await insist(over, fields('onPublished'), async () => onPublished?.(inOrder.flat(), positions))
  }

  async function tickAt(place: Place, tenure: Tenure): Promise<void> {
    const { assignment, over } = tenure
    // The next heartbeat says whether the membership has ended; till then somebody else may own the partition.
    if (!assignment.alive()) return
    const fields = (step: string) => ({ step, ...place })
    const lists = await insist(over, fields('tick'), () => tick!.handle(place, over))
    for (const out of lists) await publish(out, tenure, fields)
  }

  const joining = joinGroup({
    kafka,
    group,
    topics,
    sessionTimeoutMs,
    concurrency: partitionsConcurrently,
    metadataMaxAgeMs: member.metadataMaxAgeMs,
    missing: member.missing,
    onLost: member.onLost,
    onJoin: (_, partitions) => join(partitions),
    onContact: () => current?.assignment.confirmed(),
    eachBatch,
    onFatal: fail,
    log,
  })

  function fail(error: Error): void {
    stop().catch(() => {}) // where it could not even start, the caller has been told
    onFatal?.(error)
  }

  async function stop(): Promise<void> {
    stopping.abort()
    await (await joining).stop()
    await ticking
  }

  const joined = await joining
  return { stop, healthy: () => joined.healthy() && publisher.healthy() && !failing }
}

function abortion(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
