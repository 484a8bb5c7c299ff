import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '../source.ts'

/** A loop that looks again and again. */
export interface Polling {
  /** Resolves when the running look has come to its end. */
  stop(): Promise<void>
  /** Looks within a second; once for all who ask before. */
  wake(): void
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
const LONGEST_RETRY_MS = 300_000
/** What wakes it mostly comes in numbers. */
const GATHER_MS = 500

/**
 * Looks now, then after every interval or when it is woken, one look at a time, until a look is the last. A look that
 * throws is logged (once while it fails alike) and made again soon. Only stop ends the retries.
 */
export function poll(look: (signal: AbortSignal) => Promise<NextLook>, options: PollOptions): Polling {
  const { intervalMs, name, log } = options
  const stopping = new AbortController()
  let resting = new AbortController()
  let woken = false
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

  async function rest(ms: number): Promise<void> {
    resting = new AbortController()
    if (!stopping.signal.aborted) await pause(ms, undefined, { signal: resting.signal }).catch(() => {})
  }

  function waitAfter(failures: number): number {
    const retryMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1))
    return failures === 0 ? intervalMs : Math.min(intervalMs, retryMs)
  }

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      woken = false
      const next = await attempt()
      if (next === 'done') return
      failures = next === 'retry' ? failures + 1 : 0
      if (!woken) await rest(waitAfter(failures))
      if (woken) await rest(GATHER_MS)
    }
  }

  const running = run()
  return {
    healthy: () => fault === null,
    wake() {
      if (woken) return
      woken = true
      resting.abort()
    },
    async stop() {
      stopping.abort()
      resting.abort()
      await running
    },
  }
}
