import kafkajs, { type Kafka, type PartitionerArgs, type Producer, type RecordMetadata } from 'kafkajs'
import { retry } from './kafka-client.ts'
import { isHopeless } from './kafka-errors.ts'
import {
  confirm,
  type Job,
  type Request,
  recordsOf,
  refuse,
  takeRequest,
  topicMessages,
} from './kafka-requests.ts'
import type { Logger } from './logger.ts'
import { persist } from './persist.ts'

export interface LaneOptions {
  idempotent: boolean
  gzip: boolean
  /** After this a request that has not been answered is given up. */
  sendTimeoutMs: number
  /** From then on whatever waits or is appended is rejected, with its reason. */
  over: AbortSignal
  log: Logger
}

export interface Lane {
  /** Resolves with the offset of each record. `allowed` is asked before every attempt; false gives them up. */
  append(records: Job['records'], allowed: () => boolean): Promise<number[]>
  /** False from a try that failed to the next that succeeds, or until nobody has tried for as long as a request may take. */
  healthy(): boolean
  close(): Promise<void>
}

/** Rides along on each message, so that our partitioner can stop kafkajs from trying again what has been given up. */
interface Attempt {
  request: Request
  over: AbortController
  failure: unknown
}

/**
 * One producer and the queue before it. One request is under way at a time, which keeps the order; what is appended
 * meanwhile goes out together in the next. A producer that has failed is thrown away: an idempotent one that went on
 * could give new records the sequence numbers of a request that the broker had stored after all, and the broker would
 * drop them as repetitions. (kafkajs gives up by itself after a few seconds without a broker; what it was sending is
 * then sent again by the next producer, and may stand in the log twice.)
 */
export function createLane(kafka: Kafka, { idempotent, gzip, sendTimeoutMs, over, log }: LaneOptions): Lane {
  const queue: Job[] = []
  let producer: Promise<Producer> | undefined
  let draining: Promise<void> | undefined
  let sickUntil = 0
  let closed = false

  function append(records: Job['records'], allowed: () => boolean): Promise<number[]> {
    if (closed) return Promise.reject(new Error('the bus is closed'))
    return new Promise((resolve, reject) => {
      queue.push({ records, allowed, resolve, reject, offsets: [], taken: 0, failed: false })
      draining ??= drain()
    })
  }

  async function drain(): Promise<void> {
    for (let request = takeRequest(queue); request; request = takeRequest(queue)) {
      const attempt: Attempt = { request, over: new AbortController(), failure: undefined }
      try {
        confirm(request, await send(attempt))
        sickUntil = 0
      } catch (error) {
        discard()
        if (isAllowed(attempt)) sickUntil = Date.now() + sendTimeoutMs
        refuse(request, error)
      }
    }
    draining = undefined
  }

  async function send(attempt: Attempt): Promise<RecordMetadata[]> {
    requireAllowed(attempt)
    const work = persist(() => sendOnce(attempt), {
      signal: attempt.over.signal,
      longestWaitMs: 2_000,
      onFailure: (err, tries) => {
        log.info({ topics: topicsOf(attempt.request), tries, err }, 'could not publish yet')
        attempt.failure = err
        discard()
        requireAllowed(attempt)
        sickUntil = Date.now() + sendTimeoutMs
        if (isHopeless(err)) throw err
      },
    })
    return withDeadline(attempt, work, sendTimeoutMs, over)
  }

  async function sendOnce(attempt: Attempt): Promise<RecordMetadata[]> {
    producer ??= connect(kafka, idempotent)
    return (await producer).sendBatch({
      acks: -1,
      compression: gzip ? kafkajs.CompressionTypes.GZIP : kafkajs.CompressionTypes.None,
      topicMessages: topicMessages(attempt.request, attempt),
    })
  }

  /** Does not wait for the old producer: what it has under way may take as long as it likes to fail. */
  function discard(): void {
    const old = producer
    producer = undefined
    old
      ?.then((each) => each.disconnect())
      .catch((err) => log.debug({ err }, 'failed producer did not disconnect'))
  }

  async function close(): Promise<void> {
    closed = true
    await draining
    await producer
      ?.then((each) => each.disconnect())
      .catch((err) => log.warn({ err }, 'producer did not disconnect'))
  }

  return { append, healthy: () => Date.now() >= sickUntil, close }
}

async function connect(kafka: Kafka, idempotent: boolean): Promise<Producer> {
  const producer = kafka.producer({
    idempotent,
    allowAutoTopicCreation: false,
    createPartitioner: () => partitionOfAttempt,
    retry: { ...retry, retries: Number.MAX_SAFE_INTEGER },
  })
  await producer.connect()
  return producer
}

/** kafkajs asks this for each message before each of its attempts. */
function partitionOfAttempt({ message }: PartitionerArgs): number {
  const { attempt, partition } = message as typeof message & { attempt: Attempt; partition: number }
  if (attempt.over.signal.aborted) throw new kafkajs.KafkaJSNonRetriableError('the request has been given up')
  requireAllowed(attempt)
  return partition
}

function isAllowed({ request }: Attempt): boolean {
  return request.parts.every(({ job }) => job.allowed())
}

function requireAllowed(attempt: Attempt): void {
  if (isAllowed(attempt)) return
  throw new kafkajs.KafkaJSNonRetriableError(
    'the records must not be stored: their partition has a new owner',
  )
}

async function withDeadline<T>(
  attempt: Attempt,
  work: Promise<T>,
  timeoutMs: number,
  over: AbortSignal,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const topics = topicsOf(attempt.request).join(', ')
    const message = `the broker has not stored records for ${topics} within ${timeoutMs} ms`
    timer = setTimeout(() => reject(new Error(message, { cause: attempt.failure })), timeoutMs)
    if (over.aborted) reject(over.reason)
    over.addEventListener('abort', () => reject(over.reason), { signal: attempt.over.signal })
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    attempt.over.abort()
    work.catch(() => {})
  }
}

function topicsOf(request: Request): string[] {
  return [...new Set(recordsOf(request).map(({ topic }) => topic))]
}
