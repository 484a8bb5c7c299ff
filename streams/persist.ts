import { setTimeout as sleep } from 'node:timers/promises'

export interface PersistOptions {
  /** Ends the trying: persist then throws the signal's reason. The first try is always made, and none interrupted. */
  signal: AbortSignal
  /** Called before each wait. */
  onFailure: (error: unknown, attempt: number, waitMs: number) => void
  firstWaitMs?: number
  longestWaitMs?: number
}

/** Repeats the work until it succeeds, waiting twice as long each time, less a random part. */
export async function persist<T>(work: () => Promise<T>, options: PersistOptions): Promise<T> {
  const { signal, onFailure, firstWaitMs = 100, longestWaitMs = 30_000 } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)
      onFailure(error, attempt, waitMs)
      await sleep(waitMs, undefined, { signal }).catch(() => {})
      signal.throwIfAborted()
    }
  }
}
