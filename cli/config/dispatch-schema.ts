import { RE2JS } from 're2js'
import { z } from 'zod'
import { type RedactRule, redactActions, redactSubjects } from '../../connectors/redact-alert.ts'
import type { Limit, SinkPolicy } from '../../processors/dispatch/policy.ts'
import { isTimezone, weekdays } from '../../processors/dispatch/quiet-hours.ts'
import { durationSchema, parseDuration } from '../durations.ts'

/** What a sink's kind says of it. */
export interface SinkNature {
  audience: SinkPolicy['audience']
  /** Whether it can show several alerts as one message. */
  groups: boolean
  /** As many messages as its peers take, unless told otherwise. */
  limit?: Limit
}

/** What goes out, when and how much of it is seen. */
export interface DispatchSettings {
  policy: SinkPolicy
  redact: RedactRule[]
}

const RATE = /^([1-9]\d{0,5})\/([1-9]\d*)?(s|m|h|d)$/

const rate = z
  .string()
  .regex(RATE, { error: 'must be a number of messages in a time; such as 1/s, 5/2s, 30/m or 100/h' })
  .meta({ examples: ['30/m'] })
  .transform((text): Limit => {
    const [, count, times = '1', unit] = RATE.exec(text)!
    return { count: Number(count), perMs: parseDuration(`${times}${unit}`)! }
  })

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'must be a time of the day, in quotes; such as "22:00"' })
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))

const quietHours = z
  .strictObject({
    from: timeOfDay,
    to: timeOfDay,
    timezone: z
      .string()
      .refine(isTimezone, { error: 'is no time zone; write one such as Europe/Berlin or UTC' })
      .default('UTC'),
    days: z
      .array(z.enum(weekdays))
      .min(1)
      .default([...weekdays]),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], error: 'must differ from `from`' })

const text = z.string().min(1)

const redactRule = z
  .strictObject({
    type: text.optional(),
    path: text.optional(),
    tag: text.optional(),
    matches: text
      .refine(compiles, { error: 'is no regular expression of RE2; no look-around, no back-references' })
      .optional(),
    about: z.enum(redactSubjects).optional(),
    action: z.enum(redactActions),
  })
  .refine(({ action: _, ...what }) => Object.values(what).some((one) => one !== undefined), {
    error: 'says not what to redact; give one of type, path, tag, matches, about',
  })

/** For every kind of sink. */
const common = z.strictObject({
  limits: z
    .strictObject({
      all: rate.optional(),
      high: rate.optional(),
      medium: rate.optional(),
      low: rate.optional(),
      info: rate.optional(),
    })
    .optional(),
  quiet: z.array(quietHours).optional(),
  redact: z.array(redactRule).optional(),
})

/** For kinds that can show several alerts as one message. */
const grouping = z.strictObject({
  group: z
    .union([
      z.literal('off'),
      z.strictObject({ wait: durationSchema.prefault('5s'), window: durationSchema.prefault('1m') }),
    ])
    .optional(),
  digest: z
    .union([z.literal('off'), z.strictObject({ over: z.int().min(1).max(10_000).default(10) })])
    .optional(),
})

type Written = Partial<z.output<typeof common> & z.output<typeof grouping>>

/** The keys that a sink of this nature takes beside its own. */
export function dispatchShape({ groups }: SinkNature): z.ZodRawShape {
  return { ...common.shape, ...(groups && grouping.shape) }
}

/** The settings out of what is written, with the defaults of its nature. */
export function dispatchSettings(written: Record<string, unknown>, nature: SinkNature): DispatchSettings {
  const { limits, quiet = [], redact = [], group, digest } = written as Written
  const { wait: waitMs, window: windowMs } =
    group === 'off' || !group ? { wait: 5_000, window: 60_000 } : group
  const { over } = digest === 'off' || !digest ? { over: 10 } : digest
  return {
    policy: {
      audience: nature.audience,
      group: nature.groups && group !== 'off' ? { waitMs, windowMs } : null,
      digestOver: nature.groups && digest !== 'off' ? over : null,
      limits: given({ all: nature.limit, ...given(limits ?? {}) }),
      quiet,
    },
    redact,
  }
}

export const dispatchKeys = Object.keys({ ...common.shape, ...grouping.shape })

function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}

function compiles(expression: string): boolean {
  try {
    RE2JS.compile(expression)
    return true
  } catch {
    return false
  }
}
