import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '../source.ts'

/** A loop that looks again and again. */
export interface Polling {
  /** Resolves when the running look has come to its end. */
  stop(): Promise<void>
  /** False from a look that failed until one that did not. */
  healthy(): boolean
}

export interface PollOptions {
  intervalMs: number
  /** What is looked at, for the log. */
  name: string
  log: Logger
}

/**
 * Looks now, then after every interval, one look at a time, for as long as `look` asks for another one. A look that
 * fails is logged (once while it fails alike) and made again after the interval, for ever.
 */
export function poll(
  look: (signal: AbortSignal) => Promise<'again' | 'done'>,
  options: PollOptions,
): Polling {
  const { intervalMs, name, log } = options
  const stopping = new AbortController()
  let fault: string | null = null

  async function attempt(): Promise<'again' | 'done'> {
    try {
      const next = await look(stopping.signal)
      fault = null
      return next
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== fault)
        log.error({ source: name, error: message }, 'a look at the source failed; trying again')
      fault = message
      return 'again'
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted && (await attempt()) === 'again') {
      await pause(intervalMs, undefined, { signal: stopping.signal }).catch(() => {})
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
