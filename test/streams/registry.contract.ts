import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { createCodec } from '../../schemas/codec.ts'
import { type SchemaIds, UnknownSchemaError } from '../../schemas/ids.ts'
import { IncompatibleSchemaError } from '../../streams/incompatible-schema.ts'

const field = (name: string, rest: object = {}) => ({ name, type: 'string', ...rest })
const schema = (...fields: object[]) =>
  JSON.stringify({ type: 'record', name: 'Thing', namespace: 'io.tfdrift', fields })
export const v1 = schema(field('a'))
const withDefault = schema(field('a'), field('b', { default: '' }))
export const withoutDefault = schema(field('a'), field('c'))
const withoutA = schema(field('b', { default: '' }))

/** What every SchemaIds must do. */
export function registryContract(name: string, open: () => Promise<SchemaIds>): void {
  describe(`schema ids from ${name}`, () => {
    let ids: SchemaIds
    let subject: string
    beforeEach(async () => {
      ids = await open()
      subject = `${randomUUID()}-value`
    })

    test('gives a schema one id, however often and with whatever white space it comes', async () => {
      const id = await ids.register(subject, v1, 'BACKWARD_TRANSITIVE')
      expect(await ids.register(subject, v1, 'BACKWARD_TRANSITIVE')).toBe(id)
      expect(
        await ids.register(subject, JSON.stringify(JSON.parse(v1), null, 4), 'BACKWARD_TRANSITIVE'),
      ).toBe(id)
    })

    test('gives four registrations at once one id', async () => {
      const four = [1, 2, 3, 4].map(() => ids.register(subject, v1, 'FULL_TRANSITIVE'))
      expect(new Set(await Promise.all(four)).size).toBe(1)
    })

    test('finds the schema behind an id', async () => {
      const id = await ids.register(subject, withDefault, 'BACKWARD_TRANSITIVE')
      const found = JSON.parse(await ids.lookup(id))
      expect(found.fields.map(({ name }: { name: string }) => name)).toEqual(['a', 'b'])
    })

    test('says which id nobody has registered', async () => {
      await expect(ids.lookup(987_654)).rejects.toThrow(new UnknownSchemaError(987_654))
    })

    test('takes a new version that can read the old ones, and still knows the old one', async () => {
      const first = await ids.register(subject, v1, 'BACKWARD_TRANSITIVE')
      const second = await ids.register(subject, withDefault, 'BACKWARD_TRANSITIVE')
      expect(second).not.toBe(first)
      expect(await ids.register(subject, v1, 'BACKWARD_TRANSITIVE')).toBe(first)
    })

    test('refuses a version that cannot read the old ones, and names the subject', async () => {
      await ids.register(subject, v1, 'BACKWARD_TRANSITIVE')
      const refused = ids.register(subject, withoutDefault, 'BACKWARD_TRANSITIVE')
      await expect(refused).rejects.toThrow(IncompatibleSchemaError)
      await expect(refused).rejects.toThrow(subject)
    })

    test('refuses a version that the old ones cannot read only where they must', async () => {
      await ids.register(subject, v1, 'BACKWARD_TRANSITIVE')
      await ids.register(subject, withoutA, 'BACKWARD_TRANSITIVE')
      const full = `full-${subject}`
      await ids.register(full, v1, 'FULL_TRANSITIVE')
      await expect(ids.register(full, withoutA, 'FULL_TRANSITIVE')).rejects.toThrow(full)
    })

    test('compares with every old version, not with the newest alone', async () => {
      const third = schema({ name: 'b', type: 'int', default: 0 })
      await ids.register(subject, withDefault, 'BACKWARD_TRANSITIVE')
      await ids.register(subject, v1, 'BACKWARD_TRANSITIVE')
      await expect(ids.register(subject, third, 'BACKWARD_TRANSITIVE')).rejects.toThrow(subject)
    })

    test('carries the records of the topics', async () => {
      const codec = await createCodec('delivery', randomUUID(), ids)
      const delivery = {
        sink: 's',
        alertId: 'a',
        status: 'open',
        outcome: 'delivered',
        attempts: 1,
        at: 2,
      } as const
      expect(await codec.decode(codec.encode(delivery))).toEqual(delivery)
    })
  })
}
