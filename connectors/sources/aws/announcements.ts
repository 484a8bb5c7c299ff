import { isObject, type JsonObject, parseJson } from '../../json.ts'

export interface ObjectName {
  bucket: string
  key: string
}

/** SNS may carry EventBridge, and the other way round. */
const MAX_ENVELOPES = 4

/**
 * The objects that the body of a queue's message announces: by S3's own event, by EventBridge's, or by CloudTrail's
 * notification, bare or in SNS's envelope. null: it announces none, and may hold records itself.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/configure-sns-notifications-for-cloudtrail.html
 */
export function announcedObjects(body: string): ObjectName[] | null {
  return announcedBy(parsed(body), 0)
}

function announcedBy(value: unknown, depth: number): ObjectName[] | null {
  if (!isObject(value) || depth > MAX_ENVELOPES) return null
  if (value.Type === 'Notification' && typeof value.Message === 'string')
    return announcedBy(parsed(value.Message), depth + 1)
  return byCloudTrail(value) ?? byS3(value) ?? byEventBridge(value)
}

function byCloudTrail({ s3Bucket: bucket, s3ObjectKey: keys }: JsonObject): ObjectName[] | null {
  if (typeof bucket !== 'string' || !Array.isArray(keys)) return null
  return keys.flatMap((key) => (typeof key === 'string' ? [{ bucket, key }] : []))
}

/** S3 encodes keys as forms are: a plus is a space. */
function byS3({ Records: records }: JsonObject): ObjectName[] | null {
  if (!Array.isArray(records) || records.length === 0) return null
  if (!records.every((record) => isObject(record) && record.eventSource === 'aws:s3')) return null
  return (records as JsonObject[]).flatMap(({ eventName, s3 }) => {
    const object = objectIn(s3)
    if (!object || !String(eventName).startsWith('ObjectCreated')) return []
    return [{ ...object, key: decoded(object.key) }]
  })
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return key
  }
}

function byEventBridge(value: JsonObject): ObjectName[] | null {
  if (value.source !== 'aws.s3' || value['detail-type'] !== 'Object Created') return null
  const object = objectIn(value.detail)
  return object && [object]
}

function objectIn(value: unknown): ObjectName | null {
  if (!isObject(value) || !isObject(value.bucket) || !isObject(value.object)) return null
  const { name } = value.bucket
  const { key } = value.object
  return typeof name === 'string' && typeof key === 'string' ? { bucket: name, key } : null
}

function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
