import { z } from 'zod'

/** What a reference such as ${PORT:-8080} looks like before it is replaced. */
const reference = { type: 'string', pattern: '\\$\\{' }

/**
 * The JSON Schema of configuration files, for editors (deploy/tfdrift.schema.json). Where a value has more of a
 * form than just being text, a reference is accepted in its stead.
 */
export function configJsonSchema(schema: z.ZodType): object {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ jsonSchema, path }) {
      const { type, pattern, enum: choices, const: fixed, format } = jsonSchema
      const formed = ['number', 'integer', 'boolean'].includes(String(type)) || pattern || choices || format
      if (!formed || fixed !== undefined || path.at(-1) === 'propertyNames') return
      const { default: preset, ...own } = jsonSchema
      for (const key of Object.keys(jsonSchema)) delete (jsonSchema as Record<string, unknown>)[key]
      Object.assign(jsonSchema, preset === undefined ? {} : { default: preset }, { anyOf: [own, reference] })
    },
  })
}
