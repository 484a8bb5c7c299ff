import { z } from 'zod'
import { attributeCondition, conditionSchema, groupSchemas } from '../../processors/rules/condition-schema.ts'
import { ruleSchema } from '../../processors/rules/schema.ts'

const reference = { $ref: '#/$defs/condition' }

/** The JSON Schema of rule files, for editors (deploy/rules.schema.json). */
export function rulesJsonSchema(): object {
  const attribute = jsonSchema(attributeCondition)
  const groups = Object.values(groupSchemas).map(jsonSchema)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...jsonSchema(z.strictObject({ rules: z.array(ruleSchema) })),
    $defs: { condition: { anyOf: [attribute, ...groups] } },
  }
}

function jsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema: own }) {
      if ((zodSchema as unknown) !== conditionSchema) return
      for (const key of Object.keys(own)) delete (own as Record<string, unknown>)[key]
      Object.assign(own, reference)
    },
  })
  return shape
}
