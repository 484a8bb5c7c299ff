import type { Actor, RawEvent } from '../../schemas/types.ts'
import { awsActor } from '../actor.ts'
import type { CloudCall, Json, JsonObject, NoFinding } from '../finding.ts'
import { type Kept, keptActor } from '../kept-actor.ts'
import { leavesOut } from '../left-out.ts'
import { isObject } from '../paths.ts'
import { plainParameters } from './aws-shape.ts'

/** A CloudTrail record as a CloudCall, or why it cannot lead to drift. */
export function normalizeCloudTrail(
  raw: RawEvent,
  record: JsonObject,
  identities?: Kept<Actor>,
): CloudCall | NoFinding {
  const request = plainParameters(raw.service, record.requestParameters)
  if (raw.readOnly === null && reads.test(raw.name)) return 'read-only'
  if (!isManagement(record)) return 'no-effect'
  if (request.dryRun === true || request.dryRun === 'true') return 'no-effect'
  return {
    eventId: raw.eventId,
    provider: raw.provider,
    account: raw.account,
    region: raw.region,
    service: raw.service,
    name: callName(raw.name),
    time: raw.time,
    actor: identities ? keptActor(record, identities) : awsActor(record),
    sourceEvent: {
      id: text(record.eventID) ?? raw.eventId,
      source: raw.service,
      name: raw.name,
      time: new Date(raw.time).toISOString().replace('.000Z', 'Z'),
    },
    request,
    response: plainParameters(raw.service, record.responseElements),
    ...(leavesOut(request) && { listed: arnsOf(record.resources) }),
  }
}

function arnsOf(resources: Json | undefined): string[] {
  const list = Array.isArray(resources) ? resources : []
  return list.flatMap((one) => (isObject(one) ? (text(one.ARN) ?? []) : []))
}

/** Lambda and CloudFront date their event names: UpdateFunctionConfiguration20150331v2, UpdateDistribution2020_05_31. */
function callName(eventName: string): string {
  return eventName.replace(/\d{8}(v\d+)?$/, '').replace(/\d{4}_\d{2}_\d{2}$/, '')
}

/** Older records do not say whether they are read-only. */
const reads =
  /^(Get|List|Describe|Head|Lookup|Search|Query|Scan|BatchGet|Check|Select|View|Test|Validate|Preview|Estimate)[A-Z]/

function isManagement(record: JsonObject): boolean {
  const { eventCategory, eventType } = record
  if (typeof eventCategory === 'string' && eventCategory !== 'Management') return false
  return !(typeof eventType === 'string' && /Insight|Aggregated|ConsoleSignIn|ConsoleAction/.test(eventType))
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** Parses a payload; a source publishes only JSON objects. */
export function parseRecord(payload: string): JsonObject {
  const record = JSON.parse(payload) as Json
  if (!isObject(record)) throw new TypeError('the payload is not a JSON object')
  return record
}
