import type { Logger } from '../../source.ts'
import { awsErrorName } from './fault.ts'
import type { Queue, QueueMessage } from './queue.ts'

export interface LeaseOptions {
  queue: Pick<Queue, 'lease' | 'remove'>
  visibilitySeconds: number
  log: Logger
}

/** A message that comes again soon is tried again soon, ever less so. */
const FIRST_RETRY_SECONDS = 5
const LONGEST_RETRY_SECONDS = 60
/** Entries of a batch can fail by themselves, and mostly succeed the next time. */
const ENTRY_ATTEMPTS = 3

/**
 * Works on messages side by side. Each keeps its lease, renewed at half its time, until it is removed, which is as soon
 * as its work has resolved. Those that fail become visible again: at once after `signal`, else soon. Rejects with the
 * first failure, after all.
 */
export async function workLeased(
  messages: readonly QueueMessage[],
  work: (message: QueueMessage) => Promise<void>,
  { queue, visibilitySeconds, log }: LeaseOptions,
  signal: AbortSignal,
): Promise<void> {
  const leased = new Set(messages)
  const renewal = setInterval(() => void renew(), (visibilitySeconds * 1000) / 2)

  async function renew(): Promise<void> {
    const fault = await lease([...leased], visibilitySeconds)
    // Another process may have them now; what is read twice has the same ids.
    if (fault) log.warn({ fault }, 'leases of messages could not be renewed')
  }

  /** Resolves to what went wrong in the end. */
  async function lease(wanted: QueueMessage[], seconds: number): Promise<string | null> {
    try {
      const left = await eachEntry(wanted, (entries) => queue.lease(entries, seconds))
      return left.length > 0 ? `${left.length} entries refused` : null
    } catch (error) {
      return awsErrorName(error)
    }
  }

  async function workOne(message: QueueMessage): Promise<void> {
    try {
      await work(message)
    } catch (error) {
      leased.delete(message)
      await lease([message], signal.aborted ? 0 : retrySeconds(message))
      throw error
    }
    const left = await eachEntry([message], (entries) => queue.remove(entries))
    leased.delete(message)
    if (left.length > 0) log.warn({ id: message.id }, 'a message could not be deleted; it will come again')
  }

  try {
    const results = await Promise.allSettled(messages.map(workOne))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  } finally {
    clearInterval(renewal)
  }
}

function retrySeconds({ received }: QueueMessage): number {
  return Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (received - 1))
}

async function eachEntry(
  messages: QueueMessage[],
  call: (entries: QueueMessage[]) => Promise<QueueMessage[]>,
): Promise<QueueMessage[]> {
  let left = messages
  for (let attempt = 0; left.length > 0 && attempt < ENTRY_ATTEMPTS; attempt++) left = await call(left)
  return left
}
