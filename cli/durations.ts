import { z } from 'zod'

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const DURATION = /^([1-9]\d*)(ms|s|m|h|d)$/

/** Node's timers fire at once beyond this: 24.8 days. */
const LONGEST = 2 ** 31 - 1

/** Milliseconds in a duration such as 250ms, 30s, 5m, 2h, 7d (a positive whole number); null if the text is not one. */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text)
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : null
}

const duration = z
  .string()
  .regex(DURATION, { error: 'must be a duration; such as 250ms, 30s, 5m or 2h', abort: true })

/** A duration in a configuration file; the output is milliseconds, fit for a timer. */
export const durationSchema = duration
  .refine((text) => parseDuration(text)! <= LONGEST, { error: 'is too long; write 24d or less' })
  .meta({ examples: ['30s'] })
  .transform((text) => parseDuration(text)!)

/** The same for what no timer waits for, or `never`, which is null. */
export const longDurationSchema = z
  .string()
  .regex(/^(never|[1-9]\d*(ms|s|m|h|d))$/, { error: 'must be never, or a duration; such as 12h or 30d' })
  .meta({ examples: ['30d'] })
  .transform((text) => parseDuration(text))
