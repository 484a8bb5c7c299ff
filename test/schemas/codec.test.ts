import avro from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCodec, DecodeError } from '../../schemas/codec.ts'
import { type SchemaIds, UnknownSchemaError } from '../../schemas/ids.ts'
import { compatibility, type SchemaName, schemaText } from '../../schemas/index.ts'
import { bare, full } from './samples.ts'

const names = Object.keys(compatibility) as SchemaName[]

/** Ids as a registry gives them, and what has been asked of it. */
function fakeIds(schemas: string[] = []): SchemaIds & { asked: number[]; failing: boolean } {
  const asked: number[] = []
  return {
    asked,
    failing: false,
    async register(_, schema) {
      return schemas.includes(schema) ? schemas.indexOf(schema) + 1 : schemas.push(schema)
    },
    async lookup(id) {
      asked.push(id)
      if (this.failing) throw new Error('the registry is away')
      const found = schemas[id - 1]
      if (found === undefined) throw new UnknownSchemaError(id)
      return found
    },
  }
}

type Schema =
  | { type: Schema | string; fields?: { name: string; type: Schema }[]; items?: Schema; values?: Schema }
  | string
  | Schema[]

/** Any value that a schema of ours allows. */
function anyOf(schema: Schema): fc.Arbitrary<unknown> {
  if (Array.isArray(schema)) return fc.oneof(...schema.map(anyOf))
  if (typeof schema === 'object') {
    if (schema.type === 'array') return fc.array(anyOf(schema.items!), { maxLength: 4 })
    if (schema.type === 'map')
      return fc.dictionary(key, anyOf(schema.values!), { maxKeys: 4, noNullPrototype: true })
    if (schema.type !== 'record') return anyOf(schema.type)
    return fc.record(Object.fromEntries(schema.fields!.map(({ name, type }) => [name, anyOf(type)])))
  }
  return scalars[schema]!
}
const text = fc.string({ unit: 'grapheme' })
const key = text.filter((each) => each !== '__proto__')
const scalars: Record<string, fc.Arbitrary<unknown>> = {
  null: fc.constant(null),
  string: text,
  bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  boolean: fc.boolean(),
  int: fc.integer(),
  // avsc loses the sign of what is below -2 ** 52.
  long: fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
}

describe.each(names)('the codec of %s', (name) => {
  test('gives back what it was given', async () => {
    const codec = await createCodec(name, 'topic', fakeIds())
    fc.assert(
      fc.property(anyOf(JSON.parse(schemaText(name))), (value) => {
        expect(codec.decodeSync(codec.encode(value as never))).toEqual(value)
      }),
      { examples: [[full[name]], [bare[name]]] },
    )
  })

  test('decodes nothing but whole records', async () => {
    const codec = await createCodec(name, 'topic', fakeIds())
    const bytes = codec.encode(full[name] as never)
    for (let length = 0; length < bytes.length; length++) {
      expect(() => codec.decodeSync(bytes.subarray(0, length))).toThrow(DecodeError)
    }
    expect(() => codec.decodeSync(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(DecodeError)
  })

  test('survives any damage: a DecodeError, or another record, but soon and with little memory', async () => {
    const codec = await createCodec(name, 'topic', fakeIds())
    const bytes = codec.encode(full[name] as never)
    const damage = fc.tuple(
      fc.integer({ min: 5, max: bytes.length - 1 }),
      fc.uint8Array({ minLength: 1, maxLength: 9 }),
    )
    fc.assert(
      fc.property(damage, ([at, patch]) => {
        const damaged = Buffer.from(bytes)
        damaged.set(patch.subarray(0, bytes.length - at), at)
        try {
          codec.decodeSync(damaged)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
    )
  })
})

describe('the wire format', () => {
  test('is that of Confluent: 0, the id in four bytes, the Avro binary', async () => {
    const codec = await createCodec('delivery', 'topic', fakeIds(['"string"', '"int"']))
    const bytes = codec.encode(full.delivery)
    expect([...bytes.subarray(0, 5)]).toEqual([0, 0, 0, 0, 3])
    const type = avro.Type.forSchema(JSON.parse(schemaText('delivery')))
    expect(type.fromBuffer(bytes.subarray(5))).toEqual(full.delivery)
  })

  test('holds records larger than the buffer that they are written into', async () => {
    const codec = await createCodec('raw-event', 'topic', fakeIds())
    for (const length of [65_000, 65_500, 65_536, 70_000, 1_000_000, 10]) {
      const event = { ...full['raw-event'], payload: 'x'.repeat(length) }
      expect(codec.decodeSync(codec.encode(event))).toEqual(event)
    }
  })

  test('is not shared between records: an earlier one keeps its bytes', async () => {
    const codec = await createCodec('delivery', 'topic', fakeIds())
    const first = codec.encode(full.delivery)
    codec.encode({ ...full.delivery, sink: 'another' })
    expect(codec.decodeSync(first)).toEqual(full.delivery)
  })
})

describe('a value that does not fit', () => {
  test('is refused with its field, and without what stands in it', async () => {
    const codec = await createCodec('alert', 'tfdrift.alerts', fakeIds())
    const value = { ...full.alert, actor: { ...full.alert.actor, name: { secret: 'hunter2' } } }
    const refused = () => codec.encode(value as never)
    expect(refused).toThrow('tfdrift.alerts: not a alert, see actor.name')
    expect(refused).not.toThrow('hunter2')
    expect(codec.decodeSync(codec.encode(full.alert))).toEqual(full.alert)
  })
})

describe('a record of another writer', () => {
  const older = avro.Type.forSchema({
    type: 'record',
    name: 'io.tfdrift.RawEvent',
    fields: JSON.parse(schemaText('raw-event')).fields.filter(
      ({ name }: { name: string }) => name !== 'readOnly',
    ),
  })
  const { readOnly: _, ...withoutReadOnly } = full['raw-event']

  function written(id: number, value: Buffer): Buffer {
    const header = Buffer.alloc(5)
    header.writeInt32BE(id, 1)
    return Buffer.concat([header, value])
  }
  const old = (id: number) => written(id, older.toBuffer(withoutReadOnly))

  test('is read with the schema that it was written with, which is asked for once', async () => {
    const ids = fakeIds([JSON.stringify(older.schema())])
    const codec = await createCodec('raw-event', 'topic', ids)
    expect(await codec.decode(old(1))).toEqual({ ...withoutReadOnly, readOnly: null })
    expect(await codec.decode(old(1))).toEqual({ ...withoutReadOnly, readOnly: null })
    expect(ids.asked).toEqual([1])
  })

  test('can be prepared for, together with those that cannot be read', async () => {
    const ids = fakeIds([JSON.stringify(older.schema()), '"string"', 'not even JSON'])
    const codec = await createCodec('raw-event', 'topic', ids)
    const unreadable = [Buffer.of(), Buffer.of(1, 2, 3, 4, 5, 6), old(2), old(3), old(99)]
    expect(() => codec.decodeSync(old(1))).toThrow(DecodeError)
    await codec.prepare([...unreadable, old(1), codec.encode(full['raw-event'])])
    expect(codec.decodeSync(old(1))).toEqual({ ...withoutReadOnly, readOnly: null })
    for (const bytes of unreadable) {
      expect(() => codec.decodeSync(bytes)).toThrow(DecodeError)
      await expect(codec.decode(bytes)).rejects.toThrow(DecodeError)
    }
  })

  test('that names a schema which cannot be read is not looked up again', async () => {
    const ids = fakeIds(['"string"'])
    const codec = await createCodec('raw-event', 'topic', ids)
    await expect(codec.decode(old(1))).rejects.toThrow('schema 1 cannot be read as raw-event')
    await codec.prepare([old(1), old(1)])
    expect(ids.asked).toEqual([1])
  })

  test('is not condemned when the registry is away', async () => {
    const ids = fakeIds([JSON.stringify(older.schema())])
    const codec = await createCodec('raw-event', 'topic', ids)
    ids.failing = true
    await expect(codec.prepare([old(1)])).rejects.toThrow('the registry is away')
    await expect(codec.decode(old(1))).rejects.toThrow('the registry is away')
    ids.failing = false
    expect(await codec.decode(old(1))).toMatchObject(withoutReadOnly)
  })
})

describe('a list that claims to be long', () => {
  const claims = (count: number) => avro.Type.forSchema('long').toBuffer(count)

  test.each([
    ['as many entries as avsc can count', 2 ** 52],
    ['a few thousand millions', 3_000_000_000],
    ['a block with its size', -3_000_000_000],
  ])('is damaged, and takes no time: %s', async (_, count) => {
    const codec = await createCodec('match', 'topic', fakeIds())
    const bytes = codec.encode({ ...full.match, matchedRules: [] })
    const damaged = Buffer.concat([bytes.subarray(0, -1), claims(count), claims(7), Buffer.of(0)])
    const started = performance.now()
    expect(() => codec.decodeSync(damaged)).toThrow(DecodeError)
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  test('may come in several blocks', async () => {
    const codec = await createCodec('state-snapshot', 'topic', fakeIds())
    const text = avro.Type.forSchema('string')
    const snapshot = { ...full['state-snapshot'] }
    const dependencies = ['a', 'b', 'c']
    const whole = codec.encode({ ...snapshot, resource: { ...snapshot.resource!, dependencies } })
    const inOneBlock = Buffer.concat([
      claims(3),
      ...dependencies.map((each) => text.toBuffer(each)),
      Buffer.of(0),
    ])
    const inTwo = Buffer.concat([
      claims(1),
      text.toBuffer('a'),
      claims(-2),
      claims(4),
      text.toBuffer('b'),
      text.toBuffer('c'),
      Buffer.of(0),
    ])
    const at = whole.indexOf(inOneBlock)
    const rewritten = Buffer.concat([whole.subarray(0, at), inTwo, whole.subarray(at + inOneBlock.length)])
    expect(codec.decodeSync(rewritten).resource?.dependencies).toEqual(dependencies)
  })
})
