import { z } from 'zod'
import { severities } from '../severity.ts'
import { countingFaults, patternSchema, thresholdSchema } from './counting-schema.ts'
import { expression } from './expression/expression-schema.ts'
import { selection, text, texts } from './selection.ts'
import { strict } from './strict.ts'
import { ruleTest } from './test-schema.ts'
import { timeWindow } from './time-window.ts'

const severity = z.enum(severities)

const userIdentity = strict({
  type: text.optional(),
  principal_id: text.optional(),
  principal_email: text.optional(),
  arn: text.optional(),
  role: text.optional(),
  source_ip: text.optional(),
  tool: text.optional(),
}).refine((identity) => Object.keys(identity).length > 0, 'name at least one property of the actor')

const filterShape = { user_identity: userIdentity.optional(), time_window: timeWindow.optional() }
const some = {
  check: (filter: { user_identity?: unknown; time_window?: unknown }) =>
    filter.user_identity !== undefined || filter.time_window !== undefined,
  fix: 'add user_identity or time_window',
}

const filter = z.discriminatedUnion('action', [
  // A user agent can be forged: alone it must not hide a change.
  strict({ ...filterShape, action: z.literal('skip') })
    .refine(some.check, some.fix)
    .refine(
      ({ user_identity: { tool, type, ...principal } = {}, time_window }) =>
        tool === undefined || time_window !== undefined || Object.keys(principal).length > 0,
      {
        path: ['user_identity', 'tool'],
        error:
          'callers choose their user agent: add principal_id, principal_email, arn, role, source_ip or a time_window',
      },
    ),
  strict({ ...filterShape, action: z.literal('severity'), value: severity }).refine(some.check, some.fix),
])

const action = z.discriminatedUnion('type', [
  strict({ type: z.literal('alert'), channels: texts.optional() }),
  strict({ type: z.literal('create_ticket'), system: text }),
  strict({ type: z.literal('audit_log') }),
])

const reference = z
  .string()
  .regex(
    /^(ATT&CK T\d{4}(\.\d{3})?|CIS \S.*|https:\/\/\S+)$/,
    'write "ATT&CK T1562.008", "CIS AWS 3.0.0 3.1" or an https:// address',
  )

/** The format of a rule, as in YAML. */
export const ruleSchema = strict({
  id: text,
  name: text,
  description: text.optional(),
  ...selection,
  expression: expression.optional(),
  threshold: thresholdSchema.optional(),
  pattern: patternSchema.optional(),
  severity,
  filters: z.array(filter).default([]),
  actions: z.array(action).default([]),
  remediation: z.array(text).default([]),
  runbook: text.optional(),
  references: z.array(reference).default([]),
  tests: z.array(ruleTest).min(1, 'write at least one, or leave the key out').optional(),
})
  .refine(
    ({ conditions, expression, events, types, pattern }) =>
      conditions.length > 0 || expression || events || types || pattern,
    {
      error:
        'add conditions, events or types, or an expression: without any of them every change would match',
    },
  )
  .superRefine((rule, { addIssue }) => {
    const { types, resource_types, conditions, expression, tags, priority } = rule
    const fault = (key: string, message: string) => addIssue({ code: 'custom', path: [key], message })
    for (const [key, message] of countingFaults(rule)) fault(key, message)
    if (rule.pattern) return
    if (types?.includes('signal')) {
      if (types.length > 1) fault('types', 'write a rule of its own for signals')
      if (resource_types) fault('resource_types', 'leave it out: a signal names no resource')
      if (conditions.length > 0) fault('conditions', 'leave them out: use events, tags and priority')
      if (expression) fault('expression', 'leave it out: use events, tags and priority')
      return
    }
    if (!resource_types) fault('resource_types', 'add "resource_types:"')
    if (tags) fault('tags', 'leave them out, or add types: [signal]')
    if (priority) fault('priority', 'leave it out, or add types: [signal]')
  })

export type Filter = z.output<typeof filter>

/** A rule as the file says it, with its defaults, and the file that it came from. */
export type Rule = z.output<typeof ruleSchema> & { file: string }
