/** A record as kafkajs' producer hands it to its encoder. */
export interface OutgoingRecord {
  offsetDelta?: number
  timestampDelta?: number
  key: Buffer | null
  value: Buffer | null
  headers?: Record<string, string>
}

/** The bytes of a record in a batch (Kafka's message format v2), in one buffer of the right size. */
export function recordBytes(record: OutgoingRecord): Buffer {
  const { offsetDelta = 0, timestampDelta = 0, key, value, headers = {} } = record
  const names = Object.keys(headers)
  let size = 1 + sizeOf(timestampDelta) + sizeOf(offsetDelta) + sizeOf(names.length)
  size += sizeOfBytes(key?.length ?? -1) + sizeOfBytes(value?.length ?? -1)
  for (const name of names) {
    size += sizeOfBytes(Buffer.byteLength(name)) + sizeOfBytes(Buffer.byteLength(headers[name]!))
  }
  const buffer = Buffer.allocUnsafe(sizeOf(size) + size)
  let at = write(buffer, 0, size)
  buffer[at++] = NO_ATTRIBUTES
  at = write(buffer, at, timestampDelta)
  at = write(buffer, at, offsetDelta)
  at = writeBytes(buffer, at, key)
  at = writeBytes(buffer, at, value)
  at = write(buffer, at, names.length)
  for (const name of names) at = writeText(buffer, writeText(buffer, at, name), headers[name]!)
  return buffer
}

const NO_ATTRIBUTES = 0

/** Numbers are zig-zag varints of 32 bits. */
function zigZag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0
}

function sizeOf(value: number): number {
  let bytes = 1
  for (let rest = zigZag(value); rest > 127; rest >>>= 7) bytes++
  return bytes
}

/** A length, -1 for none, and what follows it. */
function sizeOfBytes(length: number): number {
  return sizeOf(length) + Math.max(0, length)
}

function write(buffer: Buffer, at: number, value: number): number {
  let rest = zigZag(value)
  for (; rest > 127; rest >>>= 7) buffer[at++] = (rest & 127) | 128
  buffer[at++] = rest
  return at
}

function writeBytes(buffer: Buffer, at: number, bytes: Buffer | null): number {
  if (!bytes) return write(buffer, at, -1)
  const start = write(buffer, at, bytes.length)
  return start + bytes.copy(buffer, start)
}

function writeText(buffer: Buffer, at: number, text: string): number {
  const start = write(buffer, at, Buffer.byteLength(text))
  return start + buffer.write(text, start)
}
