import { setTimeout as pause } from 'node:timers/promises'

export interface UntilOptions {
  /** When to give up, in milliseconds from now. */
  deadlineMs?: number
  /** How long to wait between two attempts. */
  everyMs?: number
}

/** Repeats an attempt until it returns a value; undefined and a throw both mean "not yet". */
export async function until<T>(
  what: string,
  attempt: () => T | undefined | Promise<T | undefined>,
  { deadlineMs = 30_000, everyMs = 25 }: UntilOptions = {},
): Promise<T> {
  const end = Date.now() + deadlineMs
  let cause: unknown
  do {
    try {
      const value = await attempt()
      if (value !== undefined) return value
      cause = undefined
    } catch (error) {
      if (error instanceof GiveUp) throw error
      cause = error
    }
    await pause(everyMs)
  } while (Date.now() < end)
  throw new Error(`${what}: not within ${deadlineMs} ms`, { cause })
}

/** Thrown inside an attempt: waiting longer cannot help. */
export class GiveUp extends Error {}
