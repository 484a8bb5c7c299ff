import path from 'node:path'
import { expect, test } from 'vitest'
import { rulesJsonSchema } from '../../../cli/rules/json-schema.ts'
import { operators } from '../../../processors/rules/operators/index.ts'

const root = path.resolve(import.meta.dirname, '../../..')

test('deploy/rules.schema.json is that of the code; to renew it: npx vitest run test/cli/rules -u', async () => {
  const text = `${JSON.stringify(rulesJsonSchema(), null, 2)}\n`
  await expect(text).toMatchFileSnapshot(path.join(root, 'deploy/rules.schema.json'))
})

test('it offers every operator with its own arguments, and groups of conditions in one another', () => {
  const { $defs } = rulesJsonSchema() as { $defs: { condition: { anyOf: object[] } } }
  const [attribute, ...groups] = $defs.condition.anyOf as { oneOf: { properties: { operator: object } }[] }[]
  expect(attribute!.oneOf.map(({ properties }) => properties.operator)).toMatchObject(
    operators.map(({ name }) => ({ const: name })),
  )
  const reference = { $ref: '#/$defs/condition' }
  expect(groups).toMatchObject([
    { properties: { element_of: { type: 'string' }, all: { items: reference } } },
    { properties: { all: { items: reference, minItems: 1 } }, additionalProperties: false },
    { properties: { any: { items: reference } } },
    { properties: { not: reference } },
  ])
})

test('it knows the keys of a rule and demands only those without which there is none', () => {
  expect(rulesJsonSchema()).toMatchObject({
    required: ['rules'],
    properties: {
      rules: {
        items: {
          required: ['id', 'name', 'severity'],
          properties: { conditions: { items: { $ref: '#/$defs/condition' } }, tests: { minItems: 1 } },
          additionalProperties: false,
        },
      },
    },
  })
})
