import avro from 'avsc'

interface Tap {
  buf: Buffer
  pos: number
  readLong(): number
  readString(): string
}

/** The part of every avsc type that its declarations leave out. */
interface Reader {
  _read(tap: Tap): unknown
}

/**
 * A type hook for avsc, which believes the length that a list or map claims to have: ten damaged bytes would make it
 * build billions of entries out of nothing. No entry of our schemas takes less than a byte, so a list that claims more
 * entries than there are bytes left is damaged.
 */
export function boundedLists(schema: avro.Schema, options: object): avro.Type | undefined {
  const kind = typeof schema === 'object' && 'type' in schema ? schema.type : undefined
  if (kind === 'array') return new BoundedArray(schema, options)
  if (kind === 'map') return new BoundedMap(schema, options)
  return undefined
}

class BoundedArray extends avro.types.ArrayType {
  _read(tap: Tap): unknown[] {
    const reader = this.itemsType as unknown as Reader
    const items: unknown[] = []
    for (let left = blockLength(tap); left > 0; left = blockLength(tap)) {
      for (; left > 0; left--) items.push(reader._read(tap))
    }
    return items
  }
}

class BoundedMap extends avro.types.MapType {
  _read(tap: Tap): Record<string, unknown> {
    const reader = this.valuesType as unknown as Reader
    const values: Record<string, unknown> = {}
    for (let left = blockLength(tap); left > 0; left = blockLength(tap)) {
      for (; left > 0; left--) {
        const key = tap.readString()
        values[key] = reader._read(tap)
      }
    }
    return values
  }
}

/** A list comes in blocks, the last of which is empty. A negative length is followed by the block's size in bytes. */
function blockLength(tap: Tap): number {
  const length = tap.readLong()
  if (length < 0) tap.readLong()
  if (Math.abs(length) > tap.buf.length - tap.pos)
    throw new Error('a list is longer than the bytes that hold it')
  return Math.abs(length)
}
