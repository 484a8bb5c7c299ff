import { DeliveryError } from './sink.ts'

/**
 * Runs work with a signal that aborts after `ms` milliseconds or together with `signal`, and stops waiting then,
 * even if the work ignores it. Throws a retryable DeliveryError when the time is up, `signal.reason` on abort.
 */
export async function timeLimit<T>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const attempt = new AbortController()
  const timer = setTimeout(() => {
    attempt.abort(new DeliveryError(`no answer within ${ms} ms`, { retryable: true }))
  }, ms)
  const stop = () => attempt.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    // Listens before the work does, so that the reason of the abort wins over whatever the work makes of it.
    const aborted = rejectionOf(attempt.signal)
    return await Promise.race([aborted, work(attempt.signal)])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
