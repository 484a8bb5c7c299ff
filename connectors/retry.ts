import { DeliveryError } from './sink.ts'

/** Times in milliseconds. */
export interface RetryPolicy {
  /** Left out: only time ends it. */
  maxAttempts?: number | undefined
  /** Upper bound of the first wait; it doubles with every attempt. */
  minMs: number
  /** Upper bound of any wait that the peer did not ask for. */
  maxMs: number
  /** From the first attempt on. The last attempt starts no later than this, whatever wait the peer asked for. */
  maxElapsedMs: number
}

export interface RetryResult {
  attempts: number
  /** Why it was given up; null: the last attempt succeeded. */
  error: DeliveryError | null
}

export interface RetryEvents {
  failed(error: DeliveryError, attempts: number, waitMs: number): void
  /** The wait is over: the next attempt begins. */
  resumed(): void
}

/**
 * Attempts until it succeeds, is refused for good, or the policy's patience ends. Waits with exponential back-off
 * and full jitter, or as long as the peer asked. Throws only `signal.reason`, promptly, when the signal aborts.
 *
 * p-retry is not used: the wait cannot be chosen there, so neither full jitter nor Retry-After fit, and it gives
 * up on a TypeError, which here must count as retryable like everything unknown.
 */
export async function withRetries(
  policy: RetryPolicy,
  signal: AbortSignal,
  attempt: () => Promise<void>,
  events: RetryEvents,
): Promise<RetryResult> {
  const started = performance.now()
  for (let attempts = 1; ; attempts++) {
    signal.throwIfAborted()
    const error = await failureOf(attempt)
    if (!error) return { attempts, error: null }
    signal.throwIfAborted()
    const left = policy.maxElapsedMs - (performance.now() - started)
    const exhausted = left <= 0 || attempts >= (policy.maxAttempts ?? Number.POSITIVE_INFINITY)
    if (exhausted || !error.retryable) return { attempts, error }
    const waitMs = Math.min(left, Math.max(backOff(policy, attempts), error.retryAfterMs ?? 0))
    events.failed(error, attempts, waitMs)
    await sleep(waitMs, signal)
    events.resumed()
  }
}

function backOff(policy: RetryPolicy, attempts: number): number {
  return Math.random() * Math.min(policy.maxMs, policy.minMs * 2 ** (attempts - 1))
}

async function failureOf(attempt: () => Promise<void>): Promise<DeliveryError | null> {
  try {
    await attempt()
    return null
  } catch (error) {
    if (error instanceof DeliveryError) return error
    return new DeliveryError(nameOf(error), { retryable: true, cause: error })
  }
}

/** The name and code only: messages of foreign errors may quote the payload or a secret URL. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? `${error.name} ${code}` : error.name
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })
}
