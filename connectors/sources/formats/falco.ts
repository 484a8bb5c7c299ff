import { createHash } from 'node:crypto'
import { priorities, priorityOf } from '../../../schemas/priorities.ts'
import type { RawEvent } from '../../../schemas/types.ts'
import { isObject, type JsonObject, parseJson } from '../../json.ts'
import { BadRecordError } from '../bad-record.ts'
import { cloudtrail } from './cloudtrail.ts'
import type { RecordContext, RecordFormat } from './format.ts'
import { payloadOf } from './payload.ts'

/**
 * A finding of Falco, as its outputs and falcosidekick write it. One that holds a whole CloudTrail call is read as
 * that call's own record, so that both have one id; any other is an event of the provider `falco`.
 */
export const falco: RecordFormat = {
  recognises: ({ rule, priority, time }) =>
    text(rule) !== null && text(priority) !== null && typeof time === 'string',

  read(finding, context) {
    const fields = fieldsOf(finding)
    const call = callIn(fields, finding)
    return call ? cloudtrail.read(call, context) : { event: signal(finding, context) }
  },
}

function fieldsOf({ output_fields }: JsonObject): JsonObject {
  if (isObject(output_fields) && Object.keys(output_fields).length > 0) return output_fields
  throw new BadRecordError(
    'no-output-fields',
    'the Falco finding has no output_fields; set json_include_output_fields_property: true in falco.yaml',
  )
}

/** The CloudTrail record that the fields were taken from; null if they do not say enough. */
function callIn(fields: JsonObject, { time }: JsonObject): JsonObject | null {
  const get = (name: string) => text(fields[`ct.${name}`])
  const short = get('shortsrc')
  const eventSource = get('src') ?? (short === null ? null : `${short}.amazonaws.com`)
  const eventName = get('name')
  if (eventSource === null || eventName === null || !('ct.request' in fields)) return null
  return present({
    eventSource,
    eventName,
    eventID: get('id'),
    sharedEventID: get('sharedeventid'),
    eventTime: get('time') ?? time,
    eventType: get('eventtype'),
    eventCategory: get('eventcategory'),
    awsRegion: get('region'),
    recipientAccountId: get('recipientaccountid'),
    sourceIPAddress: get('srcip'),
    userAgent: get('useragent'),
    errorCode: get('error'),
    errorMessage: get('errormessage'),
    readOnly: flag(fields['ct.readonly']),
    managementEvent: flag(fields['ct.managementevent']),
    requestID: get('requestid'),
    apiVersion: get('apiversion'),
    vpcEndpointId: get('vpcendpointid'),
    sessionCredentialFromConsole: flag(fields['ct.sessioncredentialfromconsole']),
    userIdentity: identity(get),
    requestParameters: json(fields, 'ct.request'),
    responseElements: json(fields, 'ct.response'),
    additionalEventData: json(fields, 'ct.additionaleventdata'),
    resources: json(fields, 'ct.resources', (list) => (list.startsWith('[') ? list : `[${list}]`)),
  })
}

/**
 * `ct.user` is the role where one was assumed (by its name: no field holds its ARN, whose path the session's ARN has not),
 * the service where one acts by itself, and only the type again where the record has no name.
 */
function identity(get: (name: string) => string | null): JsonObject {
  const type = get('user.identitytype') ?? get('user.type')
  const named = get('user')
  const user = named === type ? null : named
  const isRole = type === 'AssumedRole' && user !== null
  const isService = type === 'AWSService'
  return present({
    type,
    principalId: get('user.principalid'),
    arn: get('user.arn'),
    accountId: get('user.accountid'),
    invokedBy: isService ? user : null,
    userName: isRole || isService ? null : user,
    sessionContext: isRole ? { sessionIssuer: { type: 'Role', userName: user } } : null,
  })
}

/** A field whose text is JSON. */
function json(fields: JsonObject, name: string, prepare = (list: string) => list): unknown {
  const value = fields[name]
  if (typeof value === 'object') return value
  const written = text(value)
  if (written === null) return null
  try {
    return parseJson(prepare(written))
  } catch {
    throw new BadRecordError('not-json', `the Falco finding's ${name} is not JSON: cut off or damaged`)
  }
}

function present(record: Record<string, unknown>): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null)) as JsonObject
}

function signal(finding: JsonObject, context: RecordContext): RawEvent {
  const time = Date.parse(String(finding.time))
  if (Number.isNaN(time)) throw new BadRecordError('no-time', "the Falco finding's time is no time")
  if (priorityOf(finding.priority) === null) {
    const known = priorities.join(', ')
    throw new BadRecordError('no-priority', `the Falco finding's priority is none of ${known}`)
  }
  const payload = payloadOf(finding, context.hashKey)
  return {
    eventId: text(finding.uuid) ?? contentId(finding),
    provider: 'falco',
    account: text(finding.hostname) ?? '',
    region: 'global',
    service: text(finding.source) ?? 'syscall',
    name: String(finding.rule),
    time,
    readOnly: null,
    failed: false,
    origin: context.origin,
    receivedAt: context.receivedAt,
    payload,
  }
}

function contentId({ time, rule, output }: JsonObject): string {
  const content = JSON.stringify([time, rule, output ?? null])
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** Falco's gRPC output writes an absent field as the text `null`. */
function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value !== 'null' ? value : null
}

function flag(value: unknown): unknown {
  return typeof value === 'boolean' ? value : text(value)
}
