import { describe, expect, test } from 'vitest'
import { compatibility, type SchemaName, schemaText } from '../../schemas/index.ts'
import { bare, full } from './samples.ts'

// The compiler holds the samples to types.ts; these tests hold the .avsc files to the samples.

type Avro =
  | string
  | Avro[]
  | { type: Avro; name?: string; fields?: { name: string; type: Avro }[]; items?: Avro; values?: Avro }

/** The paths of a schema's fields: `name`, with ? where it may be null, . into records, [] into lists and {} into maps. */
function pathsOfSchema(schema: Avro, at = ''): string[] {
  if (typeof schema === 'string') return []
  if (Array.isArray(schema)) return schema.flatMap((each) => pathsOfSchema(each, at))
  const { type, fields, items, values } = schema
  if (type === 'array') return pathsOfSchema(items!, `${at}[]`)
  if (type === 'map') return pathsOfSchema(values!, `${at}{}`)
  if (type !== 'record') return pathsOfSchema(type, at)
  return fields!.flatMap((field) => {
    const path = at ? `${at}.${field.name}` : field.name
    const nullable = Array.isArray(field.type) && field.type.includes('null')
    return [nullable ? `${path}?` : path, ...pathsOfSchema(field.type, path)]
  })
}

/** The same paths of two records, of which the second is null wherever it may be. */
function pathsOfSamples(whole: object, empty: object, at = ''): string[] {
  return Object.entries(whole).flatMap(([name, value]) => {
    const path = at ? `${at}.${name}` : name
    const other = empty[name as keyof typeof empty] as unknown
    // These are kept in both, so that the fields in them are compared.
    const nullable = other === null || name === 'resource' || name === 'statusChange'
    return [nullable ? `${path}?` : path, ...pathsBelow(value, other, path)]
  })
}

function pathsBelow(value: unknown, other: unknown, path: string): string[] {
  if (path === 'resourceTags' || value instanceof Uint8Array || typeof value !== 'object' || value === null)
    return []
  if (!Array.isArray(value)) return pathsOfSamples(value, (other ?? value) as object, path)
  const [first] = value
  const [otherFirst] = other as unknown[]
  return typeof first === 'object' ? pathsOfSamples(first, otherFirst as object, `${path}[]`) : []
}

describe.each(Object.keys(compatibility) as SchemaName[])('the type of %s', (name) => {
  test('has the fields of its schema, no more and no fewer, and the same of them may be null', () => {
    const schema = pathsOfSchema(JSON.parse(schemaText(name)))
    expect(pathsOfSamples(full[name], bare[name])).toEqual(schema)
  })
})

test('what waits holds a whole raw event', () => {
  const { fields } = JSON.parse(schemaText('pending-change')) as {
    fields: { name: string; type: { fields: object } }[]
  }
  const raw = JSON.parse(schemaText('raw-event')) as { fields: object }
  expect(fields.find(({ name }) => name === 'event')!.type.fields).toEqual(raw.fields)
})
