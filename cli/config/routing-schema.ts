import { z } from 'zod'
import { severities } from '../../processors/severity.ts'

/** `*` stands for any text. */
const globs = z
  .array(z.string().regex(/^[^!]/, { error: 'must not be empty or begin with !' }))
  .min(1)
  .optional()

const types = ['attribute_drift', 'unmanaged_resource', 'resource_deleted', 'signal'] as const

/** Which sinks alerts go to. Left out: all. */
export const routingSchema = z
  .strictObject({
    default: z.array(z.string()).optional(),
    rules: z
      .array(
        z.strictObject({
          match: z.strictObject({
            severity: z.array(z.enum(severities)).min(1).optional(),
            type: z.array(z.enum(types)).min(1).optional(),
            provider: globs,
            account: globs,
            resource_type: globs,
            rule: globs,
            tag: z.record(z.string().min(1), globs.unwrap()).optional(),
          }),
          sinks: z.array(z.string()),
          continue: z.boolean().default(false),
        }),
      )
      .default([]),
  })
  .optional()
