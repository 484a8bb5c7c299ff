import { z } from 'zod'
import { readDuration } from './duration.ts'
import { selection } from './selection.ts'
import { strict } from './strict.ts'

const LONGEST_WINDOW = 7 * 86_400_000
const MOST_MATCHES = 1000
const MOST_STEPS = 10

/** What matches may have in common that count together. */
export const keyNames = [
  'actor',
  'role',
  'account',
  'region',
  'provider',
  'resource_type',
  'resource',
  'event',
  'source_ip',
] as const

export type KeyName = (typeof keyNames)[number]

const window = z
  .string('write a duration, such as 30s, 10m, 2h or 7d')
  .refine((text) => {
    const ms = readDuration(text)
    return ms !== null && ms <= LONGEST_WINDOW
  }, 'write a duration of at most 7d, such as 30s, 10m or 2h')
  .transform((text) => readDuration(text)!)

const by = z.array(z.enum(keyNames)).min(1, 'name at least one, such as actor')

/** The rule holds of so many matches within a time. */
export const thresholdSchema = strict({
  count: z.custom<number>(
    (value) => Number.isInteger(value) && (value as number) >= 2 && (value as number) <= MOST_MATCHES,
    `write a whole number from 2 to ${MOST_MATCHES}`,
  ),
  window,
  by,
})

const step = strict(selection)
  .refine(
    ({ resource_types, types, events, conditions, tags, priority }) =>
      resource_types ?? types ?? events ?? tags ?? priority ?? conditions.length > 0,
    'say what the step is: events, resource_types, types or conditions',
  )
  .superRefine(({ types, resource_types, conditions }, { addIssue }) => {
    const fault = (key: string, message: string) => addIssue({ code: 'custom', path: [key], message })
    if (!types?.includes('signal')) return
    if (types.length > 1) fault('types', 'write a step of its own for signals')
    if (resource_types) fault('resource_types', 'leave it out: a signal names no resource')
    if (conditions.length > 0) fault('conditions', 'leave them out: use events, tags and priority')
  })

/** The rule holds of one match after the other within a time. */
export const patternSchema = strict({
  window,
  by,
  steps: z
    .array(step)
    .refine(
      ({ length }) => length >= 2 && length <= MOST_STEPS,
      `write from 2 to ${MOST_STEPS} steps; for the same thing again and again use threshold`,
    ),
})

/** What a rule says that does not go with its threshold or pattern: the key, and what to do. */
export function countingFaults(rule: Partial<Record<string, unknown>>): [key: string, message: string][] {
  const faults: [string, string][] = []
  const { threshold, pattern, filters, conditions } = rule
  if (!threshold && !pattern) return faults
  if (threshold && pattern) faults.push(['pattern', 'write a rule of its own for it, or leave threshold out'])
  if ((filters as { action: string }[]).some(({ action }) => action === 'severity'))
    faults.push(['filters', 'use action: skip; several events together have the one severity of the rule'])
  if (!pattern) return faults
  for (const key of ['resource_types', 'types', 'events', 'tags', 'priority'])
    if (rule[key] !== undefined) faults.push([key, 'write it in the steps of the pattern'])
  if ((conditions as unknown[]).length > 0)
    faults.push(['conditions', 'write them in the steps of the pattern'])
  return faults
}
