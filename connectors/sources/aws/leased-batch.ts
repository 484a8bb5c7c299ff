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

/**
 * Works on messages side by side while their leases are renewed at half their time. Those whose work resolved are
 * removed; the others become visible again: at once after `signal`, else soon. Rejects with the first failure, after all.
 */
export async function workLeased(
  messages: readonly QueueMessage[],
  work: (message: QueueMessage) => Promise<void>,
  { queue, visibilitySeconds, log }: LeaseOptions,
  signal: AbortSignal,
): Promise<void> {
  const working = new Set(messages)
  const renewal = setInterval(() => void renew(), (visibilitySeconds * 1000) / 2)

  async function renew(): Promise<void> {
    if (working.size === 0) return
    try {
      const failed = await queue.lease([...working], visibilitySeconds)
      // Another process may have them now; what is read twice has the same ids.
      if (failed.length > 0) log.warn({ messages: failed.length }, 'leases of messages could not be renewed')
    } catch (error) {
      log.warn({ error: awsErrorName(error) }, 'leases of messages could not be renewed')
    }
  }

  const failures: { message: QueueMessage; error: unknown }[] = []
  const done: QueueMessage[] = []
  try {
    await Promise.all(
      messages.map(async (message) => {
        try {
          await work(message)
          done.push(message)
        } catch (error) {
          failures.push({ message, error })
        } finally {
          working.delete(message)
        }
      }),
    )
  } finally {
    clearInterval(renewal)
  }
  await settle()
  if (failures.length > 0) throw failures[0]!.error

  async function settle(): Promise<void> {
    const left = done.length > 0 ? await removeAll(queue, done) : []
    if (left.length > 0)
      log.warn({ messages: left.length }, 'messages could not be deleted; they will come again')
    for (const { message } of failures) {
      const seconds = signal.aborted ? 0 : retrySeconds(message)
      await queue.lease([message], seconds).catch(() => [])
    }
  }
}

function retrySeconds({ received }: QueueMessage): number {
  return Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (received - 1))
}

/** Each entry of a batch can fail by itself, and mostly succeeds a moment later. */
async function removeAll(queue: Pick<Queue, 'remove'>, messages: QueueMessage[]): Promise<QueueMessage[]> {
  let left = messages
  for (let attempt = 0; attempt < 3 && left.length > 0; attempt++) left = await queue.remove(left)
  return left
}
