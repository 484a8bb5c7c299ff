import { createHash } from 'node:crypto'
import { globalServices } from '../../connectors/sources/formats/global-services.ts'
import type { Json, JsonObject } from '../../processors/finding.ts'
import { isObject } from '../../processors/paths.ts'

export type CaseProvider = keyof typeof envelopes

/** The providers that have cases, by the name of their folder. */
export const caseProviders = ['aws', 'gcp', 'azure'] as const

/**
 * The record of an event as its provider's log has it: what the case leaves out is filled in. `seed` and `index`
 * decide the ids, so that they are the same in every run.
 */
export function fillEnvelope(
  provider: CaseProvider,
  event: JsonObject,
  { seed, index }: { seed: string; index: number },
): JsonObject {
  const hex = createHash('sha256').update(`${seed}\n${index}`).digest('hex')
  return envelopes[provider](event, {
    hex,
    time: new Date(START + index * 60_000).toISOString().slice(0, 19),
  })
}

const START = Date.parse('2026-03-02T10:15:30Z')
const ACCOUNT = '123456789012'

interface Seed {
  /** 64 digits. */
  hex: string
  /** To the second, without a zone. */
  time: string
}

const envelopes = {
  aws: (event: JsonObject, { hex, time }: Seed): JsonObject => ({
    eventVersion: '1.11',
    userIdentity: {
      type: 'IAMUser',
      principalId: 'AIDAEXAMPLEACFB1BD55',
      arn: `arn:aws:iam::${ACCOUNT}:user/ines.moreau`,
      accountId: ACCOUNT,
      accessKeyId: 'AKIAEXAMPLE000000001',
      userName: 'ines.moreau',
    },
    eventTime: `${time}Z`,
    awsRegion: homeRegion(String(event.eventSource)),
    sourceIPAddress: '203.0.113.24',
    userAgent:
      'aws-cli/2.15.30 md/awscrt#0.19.19 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.8 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off',
    requestParameters: null,
    responseElements: null,
    requestID: uuid(hex.slice(32)),
    eventID: uuid(hex),
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
    ...event,
  }),

  gcp: (event: JsonObject, { hex, time }: Seed): JsonObject => {
    const log = objectOf(event.protoPayload)
    return {
      insertId: hex.slice(0, 14),
      timestamp: `${time}.353421Z`,
      receiveTimestamp: `${time}.938420Z`,
      logName: 'projects/acme-prod/logs/cloudaudit.googleapis.com%2Factivity',
      severity: 'NOTICE',
      ...event,
      protoPayload: {
        '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
        ...log,
        authenticationInfo: { principalEmail: 'ines@acme.example', ...objectOf(log.authenticationInfo) },
        requestMetadata: {
          callerIp: '203.0.113.24',
          callerSuppliedUserAgent:
            'google-cloud-sdk gcloud/467.0.0 command/gcloud.compute environment/None interactive/True from-script/False python/3.11.8 term/xterm-256color (Linux 6.1.0),gzip(gfe)',
          ...objectOf(log.requestMetadata),
        },
      },
    }
  },

  azure: (event: JsonObject, { hex, time }: Seed): JsonObject => ({
    time: `${time}.1234567Z`,
    correlationId: uuid(hex),
    resultType: 'Success',
    resultSignature: 'Succeeded.',
    category: 'Administrative',
    level: 'Information',
    callerIpAddress: '203.0.113.24',
    identity: {
      claims: {
        appid: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
        idtyp: 'user',
        name: 'Ines Moreau',
        'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'ines@acme.example',
      },
    },
    ...event,
  }),
}

/** Where CloudTrail records a service without regions. Buckets have no part in a key, but a region all the same. */
function homeRegion(service: string): string {
  return globalServices.has(service) && service !== 's3.amazonaws.com' ? 'us-east-1' : 'eu-west-1'
}

function uuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}
