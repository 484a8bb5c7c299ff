import avro from 'avsc'
import { boundedLists } from './bounded-lists.ts'
import { type SchemaIds, UnknownSchemaError } from './ids.ts'
import { compatibility, type SchemaName, type SchemaRecords, schemaText } from './index.ts'

const MAGIC = 0
const HEADER = 5

/** The bytes are not a record of this topic: bad magic byte, unknown schema, or not decodable. */
export class DecodeError extends Error {
  override name = 'DecodeError'
}

/** Encodes and decodes one topic's values in the Confluent wire format (0, 4-byte schema id, Avro binary). */
export interface Codec<T> {
  /** Throws, naming the field but not its value, if the value does not fit the schema. */
  encode(value: T): Buffer
  /** Throws DecodeError for a bad record. May have to look the writer's schema up first. */
  decode(bytes: Buffer): Promise<T>
  /** decode() without a promise; only for writers' schemas that prepare() has seen. */
  decodeSync(bytes: Buffer): T
  /** Looks up the writers' schemas of these values, so that decodeSync works on them. Bad ones are left to decodeSync. */
  prepare(values: Iterable<Buffer>): Promise<void>
}

/**
 * Registers the current schema and returns its codec. Resolvers are cached by writer id: building one per
 * record is a hundred times slower than decoding.
 */
export async function createCodec<N extends SchemaName>(
  name: N,
  topic: string,
  ids: SchemaIds,
): Promise<Codec<SchemaRecords[N]>> {
  type T = SchemaRecords[N]
  const text = schemaText(name)
  const reader = parse(text)
  const writerId = await ids.register(`${topic}-value`, text, compatibility[name])
  const known = new Map<number, { resolver: unknown } | DecodeError>([[writerId, { resolver: undefined }]])
  const header = Buffer.alloc(HEADER)
  header.writeUInt8(MAGIC, 0)
  header.writeInt32BE(writerId, 1)

  let slab = Buffer.alloc(64 * 1024)
  function encode(value: T): Buffer {
    try {
      let end = reader.encode(value, slab, HEADER)
      if (end < 0) {
        slab = Buffer.alloc(Math.max(slab.length * 2, slab.length - end + HEADER))
        end = reader.encode(value, slab, HEADER)
      }
      header.copy(slab, 0)
      return Buffer.from(slab.subarray(0, end))
    } catch {
      // avsc's own message quotes the value.
      throw new TypeError(`${topic}: not a ${name}, see ${faultyFields(reader, value)}`)
    }
  }

  function idOf(bytes: Buffer): number {
    if (bytes.length < HEADER || bytes[0] !== MAGIC)
      throw new DecodeError(`${topic}: not in the Confluent wire format`)
    return bytes.readInt32BE(1)
  }

  async function learn(id: number): Promise<void> {
    if (known.has(id)) return
    const writer = await ids.lookup(id)
    try {
      known.set(id, { resolver: reader.createResolver(parse(writer)) })
    } catch (cause) {
      known.set(id, new DecodeError(`${topic}: schema ${id} cannot be read as ${name}`, { cause }))
    }
  }

  function decodeSync(bytes: Buffer): T {
    const writer = known.get(idOf(bytes))
    if (!writer) throw new DecodeError(`${topic}: no schema has id ${idOf(bytes)}`)
    if (writer instanceof DecodeError) throw writer
    try {
      return reader.fromBuffer(bytes.subarray(HEADER), writer.resolver as never) as T
    } catch (cause) {
      throw new DecodeError(`${topic}: the value is not a ${name}`, { cause })
    }
  }

  async function decode(bytes: Buffer): Promise<T> {
    try {
      await learn(idOf(bytes))
    } catch (cause) {
      if (cause instanceof UnknownSchemaError) throw new DecodeError(`${topic}: ${cause.message}`, { cause })
      throw cause
    }
    return decodeSync(bytes)
  }

  async function prepare(values: Iterable<Buffer>): Promise<void> {
    for (const bytes of values) {
      if (bytes.length < HEADER || bytes[0] !== MAGIC || known.has(bytes.readInt32BE(1))) continue
      await learn(bytes.readInt32BE(1)).catch((error) => {
        if (!(error instanceof UnknownSchemaError)) throw error
      })
    }
  }

  return { encode, decode, decodeSync, prepare }
}

function parse(text: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(text), { wrapUnions: false, typeHook: boundedLists })
}

function faultyFields(type: avro.Type, value: unknown): string {
  const paths = new Set<string>()
  type.isValid(value, { errorHook: (path) => void paths.add(path.join('.')) })
  return [...paths].join(', ')
}
