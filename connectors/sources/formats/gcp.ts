import { createHash } from 'node:crypto'
import type { RawEvent } from '../../../schemas/types.ts'
import { canonicalJson } from '../../canonical-json.ts'
import { isObject, type JsonObject } from '../../json.ts'
import { redact } from '../../redact.ts'
import { BadRecordError } from '../bad-record.ts'
import type { RecordContext, RecordFormat, SkipReason } from './format.ts'
import { payloadOf } from './payload.ts'

/** An entry of Google's audit logs, as sinks write it: https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry */
export const gcpAudit: RecordFormat = {
  recognises: (record) => typeof record.logName === 'string' && typeof record.timestamp === 'string',

  read(record, context) {
    const skipped = skipReason(record)
    return skipped ? { skipped, eventId: text(record.insertId) } : { event: rawEvent(record, context) }
  },
}

function skipReason({ logName, protoPayload }: JsonObject): SkipReason | null {
  if (/%2Fdata_access$/.test(String(logName))) return 'data-event'
  return isObject(protoPayload) && text(protoPayload.methodName) !== null ? null : 'other-event'
}

function rawEvent(record: JsonObject, context: RecordContext): RawEvent {
  const call = objectOf(record.protoPayload)
  const labels = objectOf(objectOf(record.resource).labels)
  const code = objectOf(call.status).code
  return {
    eventId: text(record.insertId) ?? contentId(record),
    provider: 'gcp',
    account: text(labels.project_id) ?? '',
    region: text(labels.zone)?.replace(/-[a-z]$/, '') ?? text(labels.region) ?? 'global',
    service: text(call.serviceName) ?? '',
    name: String(call.methodName),
    time: timeOf(record.timestamp),
    readOnly: null,
    failed: code !== undefined && code !== 0,
    origin: context.origin,
    receivedAt: context.receivedAt,
    payload: payloadOf(record, context.hashKey),
  }
}

function contentId(record: JsonObject): string {
  const content = canonicalJson(redact(record, () => ''))
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

function timeOf(value: unknown): number {
  const time = Date.parse(String(value))
  if (Number.isNaN(time)) throw new BadRecordError('no-time', 'timestamp is no time')
  return time
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}
