import type { RawEvent } from '../../../schemas/types.ts'
import { isObject, type JsonObject } from '../../json.ts'
import { BadRecordError } from '../bad-record.ts'
import { contentId } from './content-id.ts'
import type { RecordContext, RecordFormat, SkipReason } from './format.ts'
import { payloadOf } from './payload.ts'

/**
 * A LogEntry of Google Cloud, as sinks write it to files and Pub/Sub, one for each line or message. Of the audit logs
 * those of changes are read: activity, and what Google does of its own accord (system_event). Log pipelines that
 * rewrite entries may write their fields in lower case, or leave out the name of the log.
 */
export const gcp: RecordFormat = {
  recognises(record) {
    const { logName, timestamp, protoPayload, insertId } = renamed(record)
    if (logName === undefined) return text(objectOf(protoPayload).methodName) !== null
    return (
      typeof logName === 'string' &&
      /^(projects|folders|organizations|billingAccounts)\/[^/]+\/(logs\/.|cloudaudit\.)/.test(logName) &&
      (typeof timestamp === 'string' || text(insertId) !== null || isObject(protoPayload))
    )
  },

  read(record, context) {
    const entry = renamed(record)
    const skipped = skipReason(entry)
    return skipped ? { skipped, eventId: entryId(entry) } : { event: rawEvent(entry, context) }
  },
}

/** Under the names that Google gives the fields. */
function renamed(record: JsonObject): JsonObject {
  const { logname, insertid, ...rest } = record
  if (logname === undefined || record.logName !== undefined) return record
  return { ...rest, logName: logname, ...(insertid !== undefined && { insertId: insertid }) }
}

const changes = new Set(['activity', 'system_event'])

function skipReason(entry: JsonObject): SkipReason | null {
  const log = auditLogOf(entry)
  if (log === 'data_access') return 'data-event'
  const { serviceName, methodName } = objectOf(entry.protoPayload)
  // Sinks may be shared with the logs of applications.
  const isCall = text(serviceName) !== null && text(methodName) !== null
  const isOfChanges = log === null ? entry.logName === undefined : changes.has(log)
  return isOfChanges && isCall ? null : 'other-event'
}

/** projects/P/logs/cloudaudit.googleapis.com%2Factivity → activity */
function auditLogOf({ logName }: JsonObject): string | null {
  return /\/cloudaudit\.googleapis\.com(?:%2F|\/)(\w+)$/i.exec(String(logName))?.[1] ?? null
}

function rawEvent(entry: JsonObject, context: RecordContext): RawEvent {
  const log = objectOf(entry.protoPayload)
  const name = String(log.methodName)
  const payload = payloadOf(entry, context.hashKey)
  return {
    eventId: entryId(entry) ?? contentId(entry),
    provider: 'gcp',
    account: accountOf(entry),
    region: regionOf(entry),
    service: String(log.serviceName),
    name,
    time: timeOf(entry.timestamp),
    readOnly: reads.test(name),
    failed: hasFailed(log),
    origin: context.origin,
    receivedAt: context.receivedAt,
    payload,
  }
}

/** Google's own key of an entry: within one log, and at one time, an insertId is unique. */
function entryId(entry: JsonObject): string | null {
  const insertId = text(entry.insertId)
  return insertId === null ? null : `${insertId}|${entry.logName}|${entry.timestamp}`
}

/** `compute.instances.list`, `google.iam.admin.v1.GetRole`: the log of changes has few such. */
const reads =
  /(^|\.)([Gg]et|[Ll]ist|[Aa]ggregatedList|[Ss]earch|[Qq]uery|[Ll]ookup|[Cc]heck|[Vv]alidate|[Tt]est|[Ff]etch)([A-Z]\w*)?$/

/**
 * The project: that of the log, which names it by its id, where labels may have its number. What belongs to no project
 * has the account of the log itself, such as organizations/1234.
 */
function accountOf({ logName, protoPayload, resource }: JsonObject): string {
  const named = text(logName) ?? text(objectOf(protoPayload).resourceName) ?? ''
  const [, kind, id] = /^(projects|folders|organizations|billingAccounts)\/([^/]+)/.exec(named) ?? []
  const labelled = text(objectOf(objectOf(resource).labels).project_id)
  if (kind === undefined || id === '_' || id === '-') return labelled ?? ''
  if (logName === undefined && labelled !== null) return labelled
  return kind === 'projects' ? id! : `${kind}/${id}`
}

/** Of what is in a zone the region of the zone; `global` where nothing names a place. */
function regionOf(entry: JsonObject): string {
  const { location, region, zone } = objectOf(objectOf(entry.resource).labels)
  const name = text(objectOf(entry.protoPayload).resourceName) ?? ''
  const [, named] = /\/(?:zones|regions|locations)\/([^/]+)/.exec(name) ?? []
  const place = named ?? text(location) ?? text(region) ?? text(zone) ?? 'global'
  return place.toLowerCase().replace(/^([a-z]+-[a-z]+\d+)-[a-z]$/, '$1')
}

/** google.rpc.Status; an absent or empty one is a success. */
function hasFailed({ status }: JsonObject): boolean {
  const { code } = objectOf(status)
  return code !== undefined && code !== null && Number(code) !== 0
}

/** Google writes up to nine digits behind the second; a space for the T, and no zone, is what pipelines make of it. */
const timestamp = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,3})?\d*(Z|[+-]\d\d:\d\d)?$/

function timeOf(value: unknown): number {
  const match = typeof value === 'string' ? timestamp.exec(value) : null
  const time = match ? Date.parse(`${match[1]}T${match[2]}${match[3] ?? ''}${match[4] ?? 'Z'}`) : Number.NaN
  if (Number.isNaN(time)) throw new BadRecordError('no-time', 'timestamp is missing or no time')
  return time
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}
