import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { confluentRegistry } from '../../streams/confluent-registry.ts'
import { IncompatibleSchemaError } from '../../streams/incompatible-schema.ts'
import { available } from '../services/available.ts'
import { registryContract, v1, withoutDefault } from './registry.contract.ts'

const { registry } = available()

describe.skipIf(!registry)('a real registry', () => {
  test('takes over a subject whose first registration was cut off before its compatibility was set', async () => {
    const subject = `${randomUUID()}-value`
    const answer = await fetch(`${registry?.url}/subjects/${subject}/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema: JSON.stringify(JSON.parse(v1)) }),
    })
    const { id } = (await answer.json()) as { id: number }
    const ids = confluentRegistry({ host: registry?.url ?? '' })
    expect(await ids.register(subject, v1, 'BACKWARD_TRANSITIVE')).toBe(id)
    await expect(ids.register(subject, withoutDefault, 'BACKWARD_TRANSITIVE')).rejects.toThrow(
      IncompatibleSchemaError,
    )
  })

  registryContract('Apicurio', async () => confluentRegistry({ host: registry?.url ?? '' }))
})
