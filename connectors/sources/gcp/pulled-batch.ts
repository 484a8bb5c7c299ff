import type { Logger, SourceContext } from '../../source.ts'
import { handOverReadings } from '../hand-over-readings.ts'
import type { EventReading } from '../read-events.ts'
import { googleErrorName } from './fault.ts'
import type { PulledMessage, Subscription } from './subscription.ts'

export interface PulledBatchOptions {
  subscription: Pick<Subscription, 'lease' | 'acknowledge'>
  leaseSeconds: number
  context: SourceContext
  readingsOf(message: PulledMessage): Promise<Iterable<EventReading>>
}

/** No subscription leases for less than 10 s: by half of that the lease is made one of ours. */
const FIRST_RENEWAL_MS = 5_000
/** What failed comes again after this long, and twice as long each time: attempts may be numbered. */
const FIRST_RETRY_SECONDS = 10
const LONGEST_RETRY_SECONDS = 600

/**
 * Hands over what messages hold, all in few batches, and acknowledges each message once the log holds all of it. Until
 * then it keeps its lease. Those that are left when something fails are given back: at once after `signal`, else for
 * later.
 */
export async function workPulled(
  messages: readonly PulledMessage[],
  { subscription, leaseSeconds, context, readingsOf }: PulledBatchOptions,
  signal: AbortSignal,
): Promise<void> {
  const { log } = context
  /** With how many readings there are when the last of the message is read. */
  let left: { message: PulledMessage; readBy: number }[] = messages.map((message) => ({
    message,
    readBy: Number.POSITIVE_INFINITY,
  }))
  const stopRenewals = keepLeased(() => left.map(({ message }) => message), {
    subscription,
    leaseSeconds,
    log,
  })

  async function* readings(): AsyncGenerator<EventReading> {
    let read = 0
    for (const entry of [...left]) {
      for (const reading of await readingsOf(entry.message)) {
        read++
        yield reading
      }
      entry.readBy = read
    }
  }

  async function acknowledge(taken: number): Promise<void> {
    const done = left.filter(({ readBy }) => readBy <= taken)
    if (done.length > 0) await subscription.acknowledge(done.map(({ message }) => message))
    left = left.filter((entry) => !done.includes(entry))
  }

  try {
    await handOverReadings(context, readings(), {
      onTaken: acknowledge,
      check: () => signal.throwIfAborted(),
    })
  } catch (error) {
    await giveBack(
      left.map(({ message }) => message),
      subscription,
      signal,
    )
    throw error
  } finally {
    stopRenewals()
  }
}

function keepLeased(
  left: () => PulledMessage[],
  {
    subscription,
    leaseSeconds,
    log,
  }: Pick<PulledBatchOptions, 'subscription' | 'leaseSeconds'> & { log: Logger },
): () => void {
  let timer = setTimeout(renew, FIRST_RENEWAL_MS)
  function renew(): void {
    timer = setTimeout(renew, (leaseSeconds * 1000) / 2)
    // Another process may have them then; what is read twice has the same ids.
    subscription
      .lease(left(), leaseSeconds)
      .catch((error) =>
        log.warn({ fault: googleErrorName(error) }, 'leases of messages could not be renewed'),
      )
  }
  return () => clearTimeout(timer)
}

/** If that fails, too, they come again when their leases end. */
async function giveBack(
  messages: PulledMessage[],
  subscription: Pick<Subscription, 'lease'>,
  signal: AbortSignal,
): Promise<void> {
  const attempts = Math.max(...messages.map(({ attempt }) => attempt))
  const later = Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (attempts - 1))
  if (messages.length > 0) await subscription.lease(messages, signal.aborted ? 0 : later).catch(() => {})
}
