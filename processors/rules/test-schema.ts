import { z } from 'zod'
import { severities } from '../severity.ts'
import { text } from './operator.ts'
import { strict } from './strict.ts'
import { writtenRecord, writtenState } from './written-state.ts'

/** Why an event gives no alert, as labelled cases name it. */
export const quietReasons = [
  'read-only',
  'failed',
  'as-declared',
  'unmanaged',
  'unmapped',
  'no-effect',
  'service-created',
] as const

/** A test of a rule: events and states as in a labelled case (mappings/cases/README.md), and whether it matches. */
export const ruleTest = strict({
  name: text,
  event: writtenRecord.optional(),
  events: z.array(writtenRecord).min(1, 'write at least one event').optional(),
  state: writtenState.optional(),
  states: z.array(writtenState).min(1, 'write at least one state, or leave the key out').optional(),
  expect: z.enum(['match', 'no-match']),
  /** With which the rule must match. */
  severity: z.enum(severities).optional(),
  /** Of no match: there is no alert at all, for this reason. */
  reason: z.enum(quietReasons).optional(),
}).superRefine(({ event, events, state, states, expect, severity, reason }, { addIssue }) => {
  const fault = (key: string, message: string) => addIssue({ code: 'custom', path: [key], message })
  if (!event === !events) fault('event', 'write one of event and events')
  if (state && states) fault('state', 'write one of state and states')
  if (severity && expect !== 'match') fault('severity', 'leave it out, or write expect: match')
  if (reason && expect !== 'no-match') fault('reason', 'leave it out, or write expect: no-match')
})

export type RuleTest = z.output<typeof ruleTest>
