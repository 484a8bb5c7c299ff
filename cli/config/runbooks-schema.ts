import { z } from 'zod'
import { placeholdersIn, runbookPlaceholders } from '../../processors/runbooks.ts'

const template = z
  .string()
  .regex(/^https?:\/\/[^\s/{}]/, {
    error: 'is not an address; such as https://wiki.example.com/{type}/{rule_id}',
    abort: true,
  })
  .refine((text) => placeholdersIn(text).every((name) => runbookPlaceholders.includes(name)), {
    error: `has a placeholder that is not known; use ${runbookPlaceholders.map((name) => `{${name}}`).join(', ')}`,
  })

/** Addresses of runbooks for alerts whose rules name none: the first that fits counts. */
export const runbooksSchema = z
  .array(
    z.strictObject({
      resource_types: z.array(z.string().min(1)).min(1).optional(),
      provider: z.enum(['aws', 'gcp', 'azure', 'falco']).optional(),
      template,
    }),
  )
  .default([])
