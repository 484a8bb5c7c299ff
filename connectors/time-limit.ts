import { DeliveryError } from './sink.ts'

/**
 * Runs work with a signal that aborts after `ms` milliseconds or `graceMs` after `signal`, and stops waiting then,
 * even if the work ignores it. Throws a retryable DeliveryError when the time is up, `signal.reason` on abort.
 */
export async function timeLimit<T>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  graceMs = 0,
): Promise<T> {
  signal.throwIfAborted()
  const attempt = new AbortController()
  const timer = setTimeout(() => {
    attempt.abort(new DeliveryError(`no answer within ${ms} ms`, { retryable: true }))
  }, ms)
  let grace: NodeJS.Timeout | undefined
  const stop = () => {
    grace = setTimeout(() => attempt.abort(signal.reason), graceMs)
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    // Listens before the work does, so that the reason of the abort wins over whatever the work makes of it.
    const aborted = rejectionOf(attempt.signal)
    return await Promise.race([aborted, work(attempt.signal)])
  } finally {
    clearTimeout(timer)
    clearTimeout(grace)
    signal.removeEventListener('abort', stop)
  }
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
