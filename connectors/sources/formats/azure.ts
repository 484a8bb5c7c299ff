import { hashValue } from '../../../schemas/hashed-value.ts'
import type { RawEvent } from '../../../schemas/types.ts'
import { isObject, type JsonObject, parseJson } from '../../json.ts'
import { BadRecordError } from '../bad-record.ts'
import { contentId } from './content-id.ts'
import type { RecordContext, RecordFormat, SkipReason } from './format.ts'
import { payloadOf } from './payload.ts'

/**
 * A record of Azure's activity log, as diagnostic settings write it. Of a call's records the one of its outcome is
 * the event; those of its beginning (Start, Accept) are passed over, so that a call is one event without any memory.
 */
export const azure: RecordFormat = {
  recognises: (record) =>
    operationOf(record) !== null &&
    typeof record.time === 'string' &&
    (text(record.resourceId) !== null || text(record.category) !== null),

  read(record, context) {
    const skipped = skipReason(record)
    if (skipped === null) return { event: rawEvent(record, context) }
    const begun = skipped === 'call-started' && hasBody(record) ? { begun: rawEvent(record, context) } : {}
    return { skipped, eventId: callId(record), ...begun }
  },
}

/** The activity log's own categories that are of calls: hubs are shared with the logs of resources. */
const calls = new Set(['administrative', 'write', 'delete', 'action'])
const content = /^storage(read|write|delete)$|^auditevent$/
const started = new Set(['start', 'started', 'accept', 'accepted', 'active', 'inprogress'])
/** What says nothing has not failed, as far as anybody knows. */
const succeeded = new Set(['success', 'succeeded', ''])

function skipReason(record: JsonObject): SkipReason | null {
  const category = lower(record.category)
  if (content.test(category)) return 'data-event'
  if (!calls.has(category) || subscriptionOf(record) === null) return 'other-event'
  return started.has(lower(record.resultType)) ? 'call-started' : null
}

function rawEvent(record: JsonObject, context: RecordContext): RawEvent {
  const name = operationOf(record)!
  const payload = payloadOf(withParsedBodies(record, context.hashKey), context.hashKey)
  return {
    eventId: callId(record) ?? contentId(record),
    provider: 'azure',
    account: subscriptionOf(record) ?? '',
    // An id names its resource without it, and records say it when they like.
    region: 'global',
    service: name.split('/')[0]!,
    name,
    time: timeOf(record.time),
    readOnly: /\/(read|(list|get|check|validate)[a-z]*\/action)$/i.test(name),
    failed: !succeeded.has(lower(record.resultType)),
    origin: context.origin,
    receivedAt: context.receivedAt,
    payload,
  }
}

function hasBody({ properties }: JsonObject): boolean {
  return isObject(properties) && Object.keys(properties).some((key) => key.toLowerCase() === 'requestbody')
}

/** The same for the records of one call, and for no other: a deployment's calls share its correlation id. */
function callId(record: JsonObject): string | null {
  const correlation = text(record.correlationId)
  const parts = [correlation, operationOf(record), resourceOf(record)]
  return correlation === null ? null : parts.join('|').toLowerCase()
}

/** The API of the log gives a name with its translation: {value, localizedValue}. */
function operationOf({ operationName }: JsonObject): string | null {
  return text(isObject(operationName) ? operationName.value : operationName)
}

/** `entity` is as the caller wrote it where resourceId is in capitals; both mean one resource. */
function resourceOf(record: JsonObject): string {
  return (
    text(record.resourceId) ?? (isObject(record.properties) ? (text(record.properties.entity) ?? '') : '')
  )
}

function subscriptionOf(record: JsonObject): string | null {
  return /^\/subscriptions\/([^/]+)/i.exec(resourceOf(record))?.[1]?.toLowerCase() ?? null
}

/**
 * Bodies are texts of JSON. As objects their secrets are found by name; a text that is cut off could hold one
 * anywhere, so it stays only as its hash.
 */
function withParsedBodies(record: JsonObject, hashKey: Buffer): JsonObject {
  const hash = (text: string) => hashValue(hashKey, text)
  const properties = opened(record.properties, hash)
  if (!isObject(properties)) return { ...record, properties }
  const entries = Object.entries(properties).map(([key, value]) =>
    /^(request|response)body$/i.test(key) ? [key, unprotected(opened(value, hash), hash, 0)] : [key, value],
  )
  return { ...record, properties: Object.fromEntries(entries) as JsonObject }
}

function opened(value: unknown, hash: (text: string) => string): unknown {
  if (typeof value !== 'string' || value.trim() === '') return value
  try {
    return parseJson(value)
  } catch {
    return hash(value)
  }
}

/** Settings of extensions that the cloud itself shows to nobody: everything in them is a secret. */
function unprotected(value: unknown, hash: (text: string) => string, depth: number): unknown {
  // What is deeper than this never gets through the redaction that follows.
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value
  if (Array.isArray(value)) return value.map((item) => unprotected(item, hash, depth + 1))
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    /^protectedSettings$/i.test(key) && inner !== null
      ? hash(JSON.stringify(inner))
      : unprotected(inner, hash, depth + 1),
  ])
  return Object.fromEntries(entries)
}

const MAX_DEPTH = 250

/** Azure writes seven digits behind the second. */
const timestamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,3})?\d*(Z|[+-]\d\d:\d\d)?$/

function timeOf(value: unknown): number {
  const match = typeof value === 'string' ? timestamp.exec(value) : null
  const time = match ? Date.parse(`${match[1]}${match[2] ?? ''}${match[3] ?? 'Z'}`) : Number.NaN
  if (Number.isNaN(time)) throw new BadRecordError('no-time', 'time is missing or no time')
  return time
}

function lower(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : ''
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
