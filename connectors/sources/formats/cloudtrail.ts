import type { RawEvent } from '../../../schemas/types.ts'
import { isObject, type JsonObject } from '../../json.ts'
import { BadRecordError } from '../bad-record.ts'
import { contentId } from './content-id.ts'
import type { RecordContext, RecordFormat, SkipReason } from './format.ts'
import { globalServices } from './global-services.ts'
import { payloadOf } from './payload.ts'

export const cloudtrail: RecordFormat = {
  recognises: (record) =>
    (typeof record.eventSource === 'string' && typeof record.eventName === 'string') ||
    record.eventCategory === 'Aggregated',

  read(record, context) {
    const skipped = skipReason(record)
    return skipped ? { skipped, eventId: ownId(record) } : { event: rawEvent(record, context) }
  },
}

function skipReason(record: JsonObject): SkipReason | null {
  if (record.eventCategory === 'Aggregated' || record.eventType === 'AwsAggregatedEvent') return 'aggregated'
  if (record.eventCategory === 'Data' || record.eventCategory === 'NetworkActivity') return 'data-event'
  const isInsight =
    record.eventCategory === 'Insight' ||
    record.eventType === 'AwsCloudTrailInsight' ||
    isObject(record.insightDetails) ||
    typeof record.insightType === 'string'
  return isInsight ? 'insight' : null
}

/** The raw event of one CloudTrail record. */
export function rawEvent(record: JsonObject, context: RecordContext): RawEvent {
  const service = String(record.eventSource)
  const envelope = { readOnly: flag(record.readOnly), failed: hasFailed(record) }
  return {
    eventId: ownId(record) ?? contentId(record),
    provider: 'aws',
    account:
      ownerOf(record) ??
      text(record.recipientAccountId) ??
      text(objectOf(record.userIdentity).accountId) ??
      '',
    region: globalServices.has(service) ? 'global' : (text(record.awsRegion) ?? ''),
    service,
    name: String(record.eventName),
    time: timeOf(record.eventTime),
    ...envelope,
    origin: context.origin,
    receivedAt: context.receivedAt,
    payload: context.passesOver?.(envelope) ? '' : payloadOf(record, context.hashKey),
  }
}

/** Two accounts that see one call have records of their own, with one sharedEventID. */
function ownId(record: JsonObject): string | null {
  return text(record.sharedEventID) ?? text(record.eventID)
}

/** Of such records one is the caller's, whose account does not hold what was changed. null: the record is its account's own. */
function ownerOf(record: JsonObject): string | null {
  const { sharedEventID, resources, recipientAccountId } = record
  if (text(sharedEventID) === null) return null
  if (Array.isArray(resources)) {
    const listed = only(resources.map((resource) => text(objectOf(resource).accountId)))
    if (listed !== null) return listed
  }
  const byCaller = objectOf(record.userIdentity).accountId === recipientAccountId
  const named = Object.values(objectOf(record.requestParameters)).map(accountNamedBy)
  return byCaller ? only(named.filter((account) => account !== null && account !== recipientAccountId)) : null
}

/** Of an ARN, or the part of one that Lambda takes as well; AWS's own things belong to nobody. */
function accountNamedBy(value: unknown): string | null {
  return /^(?:arn:[\w-]+:[\w-]+:[\w-]*:)?(\d{12}):/.exec(text(value) ?? '')?.[1] ?? null
}

/** What all of them are; null where they differ, or there are none. */
function only(accounts: readonly (string | null)[]): string | null {
  const [one, ...others] = new Set(accounts)
  return others.length === 0 ? (one ?? null) : null
}

/** EC2 answers an asynchronous failure with `_return: false` and no error code. */
function hasFailed(record: JsonObject): boolean {
  const answer = flag(objectOf(record.responseElements)._return)
  return text(record.errorCode) !== null || text(record.errorMessage) !== null || answer === false
}

/** Some log pipelines write a space for the T, leave the zone out and add digits: it is UTC all the same. */
const timestamp = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,3})?\d*(Z|[+-]\d\d:\d\d)?$/

function timeOf(value: unknown): number {
  const match = typeof value === 'string' ? timestamp.exec(value) : null
  const time = match ? Date.parse(`${match[1]}T${match[2]}${match[3] ?? ''}${match[4] ?? 'Z'}`) : Number.NaN
  if (Number.isNaN(time)) throw new BadRecordError('no-time', 'eventTime is missing or no time')
  return time
}

/** Rewritten logs hold flags as texts. */
function flag(value: unknown): boolean | null {
  if (typeof value === 'string')
    return value.toLowerCase() === 'true' || (value.toLowerCase() === 'false' ? false : null)
  return typeof value === 'boolean' ? value : null
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}
