import { formats } from '../../../../connectors/sources/formats/index.ts'
import type { RawEvent } from '../../../../schemas/types.ts'
import { ACCOUNT, OTHER_ACCOUNT, PROJECT, type SampleCall } from './calls.ts'

type Json = Record<string, unknown>

export interface SampleEvent {
  call: SampleCall
  second: number
  actor: 'person' | 'terraform' | 'service'
  outcome: 'done' | 'failed' | 'read'
  /** AWS: another account sees the call, too. Google: the call is a long operation of two entries. */
  twofold: 'no' | 'yes' | 'listing the resource'
}

export const hashKey = Buffer.alloc(32, 7)

/** The raw events of a sample event, as the sources make them of what the clouds write. */
export function rawEventsOf(event: SampleEvent, n: number): RawEvent[] {
  return recordsOf(event, n).map((record, part) => {
    const format = formats.find((one) => one.recognises(record as never))!
    const reading = format.read(record as never, { origin: `file#${n}.${part}`, receivedAt: 0, hashKey })
    if (!('event' in reading)) throw new Error(`${event.call.name}: ${reading.skipped}`)
    return reading.event
  })
}

function recordsOf(event: SampleEvent, n: number): Json[] {
  const { provider } = event.call
  if (provider === 'aws') return cloudTrailRecords(event, n)
  return provider === 'gcp' ? logEntries(event, n) : [azureRecord(event, n)]
}

const agents = {
  person: 'aws-cli/2.15.30',
  terraform: 'APN/1.0 HashiCorp/1.0 Terraform/1.9.8 terraform-provider-aws/5.80.0',
  service: 'autoscaling.amazonaws.com',
}
const identities = {
  person: { type: 'IAMUser', userName: 'alice', accountId: ACCOUNT },
  terraform: { type: 'IAMUser', userName: 'deploy', accountId: ACCOUNT },
  service: { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' },
}

function cloudTrailRecords({ call, second, actor, outcome, twofold }: SampleEvent, n: number): Json[] {
  const record = {
    eventVersion: '1.11',
    userIdentity: identities[actor],
    userAgent: agents[actor],
    eventTime: time(second),
    eventSource: call.service,
    eventName: call.name,
    awsRegion: 'eu-west-1',
    requestParameters: call.request,
    responseElements: call.response ?? null,
    readOnly: outcome === 'read',
    ...(outcome === 'failed' && { errorCode: 'AccessDenied' }),
    eventID: `own-${n}`,
    eventType: 'AwsApiCall',
    eventCategory: 'Management',
    recipientAccountId: ACCOUNT,
  }
  if (twofold === 'no') return [record]
  // The copy of the account that called, which may list whose the resource is.
  const shared = { sharedEventID: `shared-${n}` }
  const resources = twofold === 'yes' ? {} : { resources: [{ accountId: ACCOUNT }] }
  const mine = { type: 'AWSAccount', accountId: OTHER_ACCOUNT, principalId: 'AIDAEXAMPLE' }
  const callers = { ...identities[actor], accountId: OTHER_ACCOUNT }
  return [
    { ...record, ...shared, ...resources, userIdentity: mine },
    {
      ...record,
      ...shared,
      ...resources,
      userIdentity: callers,
      eventID: `copy-${n}`,
      recipientAccountId: OTHER_ACCOUNT,
    },
  ]
}

function logEntries({ call, second, actor, outcome, twofold }: SampleEvent, n: number): Json[] {
  const entry = (insertId: string, protoPayload: Json, more: Json = {}) => ({
    insertId,
    logName: `projects/${PROJECT}/logs/cloudaudit.googleapis.com%2Factivity`,
    timestamp: time(second),
    resource: { type: 'any', labels: {} },
    protoPayload: {
      serviceName: call.service,
      methodName: `v1.${call.name}`,
      resourceName: call.resource,
      authenticationInfo: { principalEmail: `${actor}@example.com` },
      requestMetadata: { callerSuppliedUserAgent: agents[actor] },
      ...protoPayload,
    },
    ...more,
  })
  const status = outcome === 'failed' ? { status: { code: 7 } } : {}
  if (twofold === 'no') return [entry(`entry-${n}`, { request: call.request, ...status })]
  const operation = { id: `operation-${n}`, producer: call.service }
  const last = entry(`last-${n}`, status, { operation: { ...operation, last: true } })
  if (twofold === 'listing the resource') return [last]
  return [entry(`first-${n}`, { request: call.request }, { operation: { ...operation, first: true } }), last]
}

function azureRecord({ call, second, actor, outcome }: SampleEvent, n: number): Json {
  return {
    time: time(second),
    resourceId: call.resource,
    operationName: call.name,
    category: 'Administrative',
    correlationId: `correlation-${n}`,
    resultType: outcome === 'failed' ? 'Failure' : 'Success',
    identity: { claims: { upn: `${actor}@example.com` } },
    properties: { requestbody: JSON.stringify(call.request) },
  }
}

function time(second: number): string {
  return new Date(Date.UTC(2026, 2, 1, 10, 0, second)).toISOString()
}
