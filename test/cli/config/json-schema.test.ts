import path from 'node:path'
import { expect, test } from 'vitest'
import { configJsonSchema } from '../../../cli/config/json-schema.ts'
import { configSchema } from '../../../cli/config/load.ts'
import { schema } from './fake-registries.ts'

const root = path.resolve(import.meta.dirname, '../../..')

test('deploy/tfdrift.schema.json is that of the code; to renew it: npx vitest run test/cli/config -u', async () => {
  const text = `${JSON.stringify(configJsonSchema(configSchema), null, 2)}\n`
  await expect(text).toMatchFileSnapshot(path.join(root, 'deploy/tfdrift.schema.json'))
})

/** The part of the schema at these steps. */
function at(...steps: (string | number)[]): unknown {
  return steps.reduce<unknown>(
    (part, step) => (part as Record<string | number, unknown>)[step],
    configJsonSchema(schema),
  )
}

test('unknown keys are refused, and nothing that has a default is demanded', () => {
  expect(at()).toMatchObject({ type: 'object', additionalProperties: false })
  expect(at()).not.toHaveProperty('required')
})

test('a connector of each kind is an alternative with its own keys', () => {
  const kinds = ['properties', 'sources', 'items', 'oneOf']
  expect(at(...kinds, 0, 'properties', 'kind')).toMatchObject({ const: 'files' })
  expect(at(...kinds, 1, 'properties', 'kind')).toMatchObject({ const: 'queue' })
  expect(at(...kinds, 1)).toMatchObject({ required: ['url', 'kind'], additionalProperties: false })
})

test('a number, a flag, a choice and a duration may be a reference instead', () => {
  const reference = { type: 'string', pattern: '\\$\\{' }
  expect(at('properties', 'shippedRules')).toEqual({ default: true, anyOf: [{ type: 'boolean' }, reference] })
  const level = at('properties', 'log', 'properties', 'level')
  expect(level).toMatchObject({ default: 'info', anyOf: [{ enum: expect.anything() }, reference] })
  expect(at('properties', 'http', 'properties', 'port', 'anyOf')).toContainEqual(reference)
  const periodic = ['properties', 'sync_mode', 'properties', 'periodic', 'properties']
  expect(at(...periodic, 'interval', 'anyOf')).toContainEqual(reference)
})

test('names of sinks may not be references, which are not replaced in keys', () => {
  expect(at('properties', 'sinks', 'propertyNames')).not.toHaveProperty('anyOf')
})
