import type { JsonObject } from '../../json.ts'
import { isObject } from '../../json.ts'
import { cloudtrail } from './cloudtrail.ts'
import type { RecordFormat, SkipReason } from './format.ts'

/** Messages of AWS that share queues, buckets and buses with CloudTrail records and carry no event. */
export const awsNotices: RecordFormat = {
  recognises: (record) => reasonOf(record) !== null,
  read: (record) => ({ skipped: reasonOf(record)!, eventId: null }),
}

function reasonOf(record: JsonObject): SkipReason | null {
  if (record.eventSource === 'aws:s3' && isObject(record.s3)) return 'notification'
  if (typeof record.s3Bucket === 'string' && Array.isArray(record.s3ObjectKey)) return 'notification'
  if (typeof record['detail-type'] === 'string' && isObject(record.detail)) {
    return cloudtrail.recognises(record.detail) ? null : 'other-event'
  }
  if (record.Event === 's3:TestEvent' || record.messageType === 'CONTROL_MESSAGE') return 'control-message'
  if (typeof record.Type === 'string' && /^(Unsubscribe|Subscription)Confirmation$/.test(record.Type)) {
    return 'control-message'
  }
  return typeof record.digestStartTime === 'string' && Array.isArray(record.logFiles) ? 'digest' : null
}
