import type { InRecord, OutRecord } from './bus.ts'

/** Families of the embedded log: its records, the offset of each key's newest record, and everything else. */
export const LOG = 'log'
export const NEWEST = 'log-newest'
export const META = 'log-meta'

const TOPIC = 'topic'
const separator = '\0'

export const metaKeys = {
  cluster: 'cluster',
  topic: (topic: string) => [TOPIC, topic].join(separator),
  high: (topic: string, partition: number) => ['high', topic, partition].join(separator),
  low: (topic: string, partition: number) => ['low', topic, partition].join(separator),
  committed: (group: string, topic: string, partition: number) =>
    ['committed', group, topic, partition].join(separator),
}

/** All keys of the form metaKeys.topic. */
export const topicKeys = { gte: `${TOPIC}${separator}`, lt: `${TOPIC}\x01` }

/** Where the records of a partition begin: topic, 0, partition (4 bytes). Offsets (8 bytes) and keys follow. */
export function partitionPrefix(topic: string, partition: number): Buffer {
  const prefix = Buffer.alloc(Buffer.byteLength(topic) + 5)
  prefix.write(topic)
  prefix.writeUInt32BE(partition, prefix.length - 4)
  return prefix
}

/** In LOG. Sorts by offset. */
export function recordKey(prefix: Buffer, offset: number): Buffer {
  const key = Buffer.allocUnsafe(prefix.length + 8)
  prefix.copy(key)
  key.writeUInt32BE(Math.floor(offset / 2 ** 32), prefix.length)
  key.writeUInt32BE(offset % 2 ** 32, prefix.length + 4)
  return key
}

export function offsetOfKey(key: Buffer): number {
  return key.readUInt32BE(key.length - 8) * 2 ** 32 + key.readUInt32BE(key.length - 4)
}

const ABSENT = 0xffffffff
const FIXED = 20

/** Timestamp, then the lengths of key, value and headers (JSON), then these. */
export function encodeRecord({ key, value, headers }: OutRecord, timestamp: number): Buffer {
  let headerText = ''
  for (const _ in headers) {
    headerText = JSON.stringify(headers)
    break
  }
  const headerLength = Buffer.byteLength(headerText)
  const bytes = Buffer.allocUnsafe(FIXED + (key?.length ?? 0) + (value?.length ?? 0) + headerLength)
  bytes.writeDoubleBE(timestamp, 0)
  bytes.writeUInt32BE(key?.length ?? ABSENT, 8)
  bytes.writeUInt32BE(value?.length ?? ABSENT, 12)
  bytes.writeUInt32BE(headerLength, 16)
  let at = FIXED
  if (key) at += key.copy(bytes, at)
  if (value) at += value.copy(bytes, at)
  bytes.write(headerText, at)
  return bytes
}

/** `stored` is what encodeRecord made; the record shares its memory. */
export function decodeRecord(topic: string, partition: number, offset: number, stored: Buffer): InRecord {
  let at = FIXED
  function part(length: number): Buffer | null {
    if (length === ABSENT) return null
    at += length
    return stored.subarray(at - length, at)
  }
  const key = part(stored.readUInt32BE(8))
  const value = part(stored.readUInt32BE(12))
  const headers = stored.readUInt32BE(16) > 0 ? JSON.parse(stored.toString('utf8', at)) : {}
  return { topic, partition, offset, key, value, headers, timestamp: timestampOf(stored) }
}

export function timestampOf(stored: Buffer): number {
  return stored.readDoubleBE(0)
}
