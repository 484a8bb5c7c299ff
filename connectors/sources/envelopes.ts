import { isObject, type JsonObject } from '../json.ts'

/**
 * What a message or a list of messages carries: JSON values, or texts of JSON. null: the value is no envelope.
 * Envelopes nest: an SQS body may hold an SNS notification that holds an EventBridge event.
 */
export function openEnvelope(value: JsonObject): unknown[] | null {
  for (const open of envelopes) {
    const content = open(value)
    if (content) return content
  }
  return null
}

type Envelope = (value: JsonObject) => unknown[] | null

const envelopes: Envelope[] = [
  records,
  eventBridge,
  snsNotification,
  snsToLambda,
  sqsMessages,
  sqsMessage,
  lookupEvents,
  lookupEvent,
  cloudWatchLogs,
  cloudWatchLogEvent,
]

/** CloudTrail and S3 write `Records`, Azure `records`. */
function records(value: JsonObject): unknown[] | null {
  return list(value.Records) ?? list(value.records)
}

function eventBridge(value: JsonObject): unknown[] | null {
  return typeof value['detail-type'] === 'string' && isObject(value.detail) ? [value.detail] : null
}

function snsNotification(value: JsonObject): unknown[] | null {
  if (value.Type !== 'Notification' || typeof value.Message !== 'string') return null
  // CloudTrail sends this to a topic that it has just been told to use.
  return value.Message === 'CloudTrail validation message.' ? [] : [value.Message]
}

function snsToLambda(value: JsonObject): unknown[] | null {
  return isObject(value.Sns) && typeof value.Sns.Message === 'string' ? [value.Sns.Message] : null
}

/** The answer of `aws sqs receive-message`. */
function sqsMessages(value: JsonObject): unknown[] | null {
  return list(value.Messages)
}

function sqsMessage(value: JsonObject): unknown[] | null {
  if (typeof value.Body === 'string' && typeof value.MessageId === 'string') return [value.Body]
  return typeof value.body === 'string' && typeof value.messageId === 'string' ? [value.body] : null
}

/** The answer of `aws cloudtrail lookup-events`. */
function lookupEvents(value: JsonObject): unknown[] | null {
  return list(value.Events)
}

function lookupEvent(value: JsonObject): unknown[] | null {
  return typeof value.CloudTrailEvent === 'string' ? [value.CloudTrailEvent] : null
}

function cloudWatchLogs(value: JsonObject): unknown[] | null {
  return value.messageType === 'DATA_MESSAGE' ? list(value.logEvents) : null
}

function cloudWatchLogEvent(value: JsonObject): unknown[] | null {
  return typeof value.message === 'string' && typeof value.timestamp === 'number' ? [value.message] : null
}

function list(value: unknown): unknown[] | null {
  return Array.isArray(value) ? value : null
}
