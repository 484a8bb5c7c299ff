import { isUtf8 } from 'node:buffer'
import type { RawEvent } from '../../schemas/types.ts'
import { isObject, type JsonObject, parseJson } from '../json.ts'
import { TooDeepError } from '../redact.ts'
import type { SourceDeadLetter } from '../source.ts'
import { BadRecordError, type FaultCode } from './bad-record.ts'
import { decompress } from './decompress.ts'
import { jsonDocuments } from './documents.ts'
import { openEnvelope } from './envelopes.ts'
import type { RecordContext, RecordFormat, Skipped } from './formats/format.ts'
import { formats } from './formats/index.ts'

/** What one record came to. */
export type EventReading =
  | { event: RawEvent }
  | (Skipped & { origin: string })
  | { deadLetter: SourceDeadLetter & { code: FaultCode } }

/** An SQS body in which SNS carries EventBridge carries a list is 4 deep. */
const MAX_ENVELOPES = 16

/**
 * The events in the bytes of a file or message, whatever form they have: gzipped or plain; one record, a list,
 * `{"Records":[…]}` or NDJSON; bare or in the envelopes of EventBridge, SNS and SQS. Never throws for what is
 * wrong with the bytes: a bad record becomes a dead letter, and the rest goes on. The readings are made one by one
 * as they are asked for. `context.origin` names the file or message; a record's own is `ORIGIN#NUMBER`, from 1, or
 * behind the `before` records of the pieces before this one.
 */
export async function readEvents(
  bytes: Buffer,
  context: RecordContext,
  before = 0,
): Promise<Iterable<EventReading>> {
  const { content, fault } = await decompress(bytes)
  return readings(bytes, { content, fault, before }, context)
}

function* readings(
  bytes: Buffer,
  { content, fault, before }: { content: Buffer; fault: BadRecordError | null; before: number },
  context: RecordContext,
): Generator<EventReading> {
  let number = before
  for (const document of documents(content)) {
    for (const found of recordsIn(document.value, 0)) {
      const reading = read(found, document, { ...context, origin: `${context.origin}#${++number}` })
      // The dead letter of the whole file covers the record at which it breaks off.
      if (!(fault && 'deadLetter' in reading)) yield reading
    }
  }
  if (fault) yield deadLetter(fault, context.origin, bytes)
}

interface Document {
  /** undefined: not JSON. */
  value: unknown
  bytes(): Buffer
}

/** Bytes that are not UTF-8 are cut into records as single-byte text: JSON's own signs are ASCII. */
function* documents(content: Buffer): Generator<Document> {
  const body = content.subarray(0, 3).equals(byteOrderMark) ? content.subarray(3) : content
  const encoding = isUtf8(body) ? 'utf8' : 'latin1'
  for (const { text, value } of jsonDocuments(body.toString(encoding))) {
    const bytes = () => Buffer.from(text, encoding)
    yield { value: encoding === 'utf8' ? value : inUtf8(bytes()), bytes }
  }
}

const byteOrderMark = Buffer.from('\uFEFF')

function inUtf8(bytes: Buffer): unknown {
  return isUtf8(bytes) ? parsed(bytes.toString()) : new BadRecordError('invalid-utf8', 'not UTF-8')
}

type Found = { format: RecordFormat; record: JsonObject } | BadRecordError

/** The records behind any envelopes; in the place of what is none, why. */
function* recordsIn(value: unknown, depth: number): Generator<Found> {
  if (value instanceof BadRecordError) yield value
  else if (value === undefined) yield new BadRecordError('not-json', 'not JSON: cut off or damaged')
  else if (depth > MAX_ENVELOPES)
    yield new BadRecordError('nested-too-deep', 'too many envelopes in one another')
  else if (Array.isArray(value)) for (const item of value) yield* recordsIn(item, depth + 1)
  else if (typeof value === 'string') yield* recordsIn(parsed(value), depth + 1)
  else if (isObject(value)) yield* recordsInObject(value, depth)
  else yield unknownForm()
}

function* recordsInObject(value: JsonObject, depth: number): Generator<Found> {
  const format = formats.find((candidate) => candidate.recognises(value))
  const content = format ? null : openEnvelope(value)
  if (format) yield { format, record: value }
  else if (content) yield* recordsIn(content, depth)
  else yield unknownForm()
}

function unknownForm(): BadRecordError {
  return new BadRecordError('no-records', 'JSON, but of no known form of audit event')
}

function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function read(found: Found, document: Document, context: RecordContext): EventReading {
  const { origin } = context
  if (found instanceof BadRecordError) return deadLetter(found, origin, document.bytes())
  try {
    const result = found.format.read(found.record, context)
    return 'event' in result ? result : { ...result, origin }
  } catch (error) {
    if (error instanceof BadRecordError) return deadLetter(error, origin, document.bytes())
    if (!(error instanceof TooDeepError)) throw error
    return deadLetter(new BadRecordError('nested-too-deep', error.message), origin, document.bytes())
  }
}

export function deadLetter(fault: BadRecordError, origin: string, bytes: Buffer): EventReading {
  return { deadLetter: { origin, bytes, code: fault.code, message: `${origin}: ${fault.message}` } }
}
