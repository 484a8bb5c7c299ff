import { redactEvent } from '../../redact.ts'
import { BadRecordError } from '../bad-record.ts'

/** Kafka carries messages of up to 1 MiB unless told otherwise; the rest is for the envelope. */
const MAX_BYTES = 1_000_000

/** The text of a record as the log keeps it, without its secrets. Throws BadRecordError if it is too large, TooDeepError. */
export function payloadOf(record: object, hashKey: Buffer): string {
  const payload = JSON.stringify(redactEvent(record, hashKey))
  if (Buffer.byteLength(payload) <= MAX_BYTES) return payload
  throw new BadRecordError('record-too-large', `the record is larger than ${MAX_BYTES} bytes`)
}
