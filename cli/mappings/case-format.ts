import { z } from 'zod'
import type { Json } from '../../processors/finding.ts'
import { quietReasons } from '../../processors/rules/test-schema.ts'
import { writtenRecord, writtenState } from '../../processors/rules/written-state.ts'

/** The format of a labelled case; explained in mappings/cases/README.md. */
const expected = z
  .strictObject({
    resource: z.string().min(1),
    type: z.enum(['attribute_drift', 'unmanaged_resource', 'resource_deleted']).default('attribute_drift'),
    id: z.string().optional(),
    diffs: z
      .record(
        z.string(),
        z.custom<'hidden' | [Json, Json]>((value) => value === 'hidden' || isPair(value), {
          error: () => 'must be [old, new] or hidden; null means nothing on that side',
        }),
      )
      .default({}),
    alsoManagedBy: z.int().min(0).default(0),
  })
  .superRefine(({ type, resource, diffs }, context) => {
    const complain = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message })
    const isDrift = type === 'attribute_drift'
    if (isDrift && Object.keys(diffs).length === 0) complain('diffs', 'missing; write ATTRIBUTE: [old, new]')
    if (!isDrift && Object.keys(diffs).length > 0)
      complain('diffs', 'only attribute_drift has them; drop them')
    if (type === 'unmanaged_resource' && resource.includes('.'))
      complain('resource', 'an unmanaged resource has no address; write its type alone')
    if (isDrift && !resource.includes('.'))
      complain('resource', 'names no resource of the state; write its address')
  })

export const labelledCase = z
  .strictObject({
    name: z.string().min(1),
    cite: z
      .string()
      .regex(/^(https?:\/\/\S+|(record|model): .+)/, 'cites nothing; write a URL, record: … or model: …'),
    why: z.string().optional(),
    doubt: z.string().optional(),
    event: writtenRecord.optional(),
    events: z.array(writtenRecord).min(1).optional(),
    state: writtenState.optional(),
    states: z.array(writtenState).min(1).optional(),
    expect: z.array(expected),
    reason: z.enum(quietReasons).optional(),
  })
  .superRefine((one, context) => {
    const complain = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message })
    if (!one.event === !one.events) complain('event', 'one of event and events; write one of the two')
    if (one.state && one.states) complain('state', 'state stands beside states; write one of the two')
    if (one.reason && one.expect.length > 0)
      complain('reason', 'stands beside expected alerts; drop it, or write expect: []')
  })

export type WrittenCase = z.output<typeof labelledCase>
export type Expected = z.output<typeof expected>

function isPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2
}
