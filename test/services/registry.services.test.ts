import { randomUUID } from 'node:crypto'
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { describe, expect, test } from 'vitest'
import { available } from './available.ts'

const services = available()

// What docs/decisions/0003 says about the registry.
describe.skipIf(!services.registry)('the client library on Apicurio Registry', () => {
  const url = services.registry?.url ?? ''
  const options = () => ({ subject: `${randomUUID()}-value`, compatibility: COMPATIBILITY.FULL_TRANSITIVE })
  const register = (fields: object[], subject: ReturnType<typeof options>) =>
    // A client of its own each time: one client answers a repeated schema from its cache.
    new SchemaRegistry({ host: url }).register({ type: SchemaType.AVRO, schema: avro(fields) }, subject)

  test('gives one schema one id, a compatible next version a new id, and finds both by id', async () => {
    const subject = options()
    const first = await register([A], subject)
    expect(await register([A], subject)).toEqual(first)
    const second = await register([A, OPTIONAL], subject)
    expect(second.id).not.toBe(first.id)
    expect(await register([A], subject)).toEqual(first)

    const client = new SchemaRegistry({ host: url })
    expect(await client.getLatestSchemaId(subject.subject)).toBe(second.id)
    const payload = await client.encode(first.id, { a: 'x' })
    expect([payload[0], payload.readInt32BE(1)]).toEqual([0, first.id])
    expect(await new SchemaRegistry({ host: url }).decode(payload)).toEqual({ a: 'x' })
  })

  test('refuses an incompatible version with 409, and answers an unknown id with 404', async () => {
    const subject = options()
    await register([A], subject)
    await expect(register([A, REQUIRED], subject)).rejects.toMatchObject({ status: 409 })
    await expect(new SchemaRegistry({ host: url }).getSchema(987_654)).rejects.toMatchObject({ status: 404 })
  })

  test('keeps the compatibility of a subject from its first registration on', async () => {
    const subject = options()
    await register([A], subject)
    const config = await fetch(`${url}/config/${subject.subject}`)
    expect(await config.json()).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' })
    await expect(register([A], { ...subject, compatibility: COMPATIBILITY.BACKWARD })).rejects.toThrow(
      'BACKWARD',
    )
  })
})

const A = { name: 'a', type: 'string' }
const OPTIONAL = { name: 'b', type: ['null', 'string'], default: null }
const REQUIRED = { name: 'c', type: 'string' }

function avro(fields: object[]): string {
  return JSON.stringify({ type: 'record', name: 'Thing', namespace: 'io.tfdrift.test', fields })
}
