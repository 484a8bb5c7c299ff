import { LRUCache } from 'lru-cache'
import type { SourceContext } from '../../source.ts'
import { handOverReadings } from '../hand-over-readings.ts'
import type { NextLook } from '../poll.ts'
import type { EventReading } from '../read-events.ts'
import { workLeased } from './leased-batch.ts'
import type { Queue, QueueMessage } from './queue.ts'
import { explainQueue } from './queue-permissions.ts'

export interface QueueReader {
  /** Reads until the queue is empty. */
  look(signal: AbortSignal): Promise<NextLook>
  /** False while a message that has failed waits to be tried again. */
  healthy(): boolean
}

export interface QueueReaderOptions {
  queue: Queue
  queueUrl: string
  concurrency: number
  visibilitySeconds: number
  context: SourceContext
  /** What a message comes to; the same each time it is read. */
  readingsOf(message: QueueMessage, signal: AbortSignal): AsyncIterable<EventReading>
}

/** A message that has not come again by then has gone to the queue's own dead letters. */
const FAILURE_MS = 600_000

/** Takes messages off a queue: each is deleted once the log holds all that it comes to. */
export function queueReader(options: QueueReaderOptions): QueueReader {
  const { queueUrl, concurrency, visibilitySeconds, context, readingsOf } = options
  const queue = explained(options.queue, queueUrl)
  /** Of messages that failed, how much the log holds: one that keeps failing must not stay at its start. */
  const failed = new LRUCache<string, number>({ max: 1_000, ttl: FAILURE_MS })
  let lastHandOver: Promise<unknown> = Promise.resolve()

  /** One hand-over at a time, whoever reads: the log takes them one after the other anyway. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = lastHandOver.then(work)
    lastHandOver = done.catch(() => {})
    return done
  }

  async function work(message: QueueMessage, signal: AbortSignal): Promise<void> {
    const skip = failed.get(message.id) ?? 0
    let taken = skip
    try {
      await handOverReadings(
        { ...context, emit: (output) => inTurn(() => context.emit(output)) },
        readingsOf(message, signal),
        { skip, onTaken: (count) => (taken = Math.max(skip, count)), check: () => signal.throwIfAborted() },
      )
      failed.delete(message.id)
    } catch (error) {
      failed.set(message.id, taken)
      throw error
    }
  }

  async function look(signal: AbortSignal): Promise<NextLook> {
    const leasing = { queue, visibilitySeconds, log: context.log }
    const faults: unknown[] = []
    async function drain(): Promise<void> {
      while (faults.length === 0) {
        const messages = await queue.receive(signal)
        if (messages.length === 0) return
        await workLeased(messages, (message) => work(message, signal), leasing, signal)
      }
    }
    const drains = Array.from({ length: concurrency }, () => drain().catch((fault) => faults.push(fault)))
    await Promise.all(drains)
    if (signal.aborted) return 'done'
    if (faults.length > 0) throw faults[0]
    return 'again'
  }

  return {
    look,
    healthy() {
      failed.purgeStale()
      return failed.size === 0
    },
  }
}

/** The queue with errors in words that name what must be allowed. */
function explained(queue: Queue, queueUrl: string): Pick<Queue, 'receive' | 'lease' | 'remove'> {
  const explain = (error: unknown) => Promise.reject(explainQueue(queueUrl, error))
  return {
    receive: (signal) => queue.receive(signal).catch((error) => (signal.aborted ? [] : explain(error))),
    lease: (messages, seconds) => queue.lease(messages, seconds),
    remove: (messages) => queue.remove(messages).catch(explain),
  }
}
