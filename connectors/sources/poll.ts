import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '../source.ts'

/** A loop that looks again and again. */
export interface Polling {
  /** Resolves when the running look has come to its end. */
  stop(): Promise<void>
  /** False from a look that threw until one that did not. */
  healthy(): boolean
}

export interface PollOptions {
  intervalMs: number
  /** What is looked at, for the log. */
  name: string
  log: Logger
}

/** Look again after the interval; sooner, since something went wrong; or never again. */
export type NextLook = 'again' | 'retry' | 'done'

/** The first wait after a look that failed; it doubles with every further one, up to the interval. */
const FIRST_RETRY_MS = 250

/**
 * Looks now, then after every interval, one look at a time, until a look is the last. A look that throws is logged
 * (once while it fails alike) and made again soon. Only stop ends the retries.
 */
export function poll(look: (signal: AbortSignal) => Promise<NextLook>, options: PollOptions): Polling {
  const { intervalMs, name, log } = options
  const stopping = new AbortController()
  let fault: string | null = null

  async function attempt(): Promise<NextLook> {
    try {
      const next = await look(stopping.signal)
      fault = null
      return next
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== fault)
        log.error({ source: name, error: message }, 'a look at the source failed; trying again')
      fault = message
      return 'retry'
    }
  }

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      const next = await attempt()
      if (next === 'done') return
      failures = next === 'retry' ? failures + 1 : 0
      const waitMs = failures === 0 ? intervalMs : Math.min(intervalMs, FIRST_RETRY_MS * 2 ** (failures - 1))
      await pause(waitMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  const running = run()
  return {
    healthy: () => fault === null,
    async stop() {
      stopping.abort()
      await running
    },
  }
}
