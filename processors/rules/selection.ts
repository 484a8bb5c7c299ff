import { z } from 'zod'
import { priorities } from '../../schemas/priorities.ts'
import { conditionSchema } from './condition-schema.ts'
import { names } from './name-pattern.ts'

export const text = z.string().trim().min(1, 'write a text, or leave the key out')
export const texts = z.array(text).min(1, 'name at least one, or leave the key out')

/** By which a rule, or a step of one, says what it is about. */
export const selection = {
  resource_types: names.optional(),
  types: z
    .array(z.enum(['attribute_drift', 'unmanaged_resource', 'resource_deleted', 'signal']))
    .min(1, 'name at least one, or leave the key out')
    .optional(),
  events: names.optional(),
  tags: texts.optional(),
  priority: z.enum(priorities).optional(),
  conditions: z.array(conditionSchema).default([]),
}
