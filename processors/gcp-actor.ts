import { isIP } from 'node:net'
import type { Actor, Tool } from '../schemas/types.ts'
import type { Json, JsonObject } from './finding.ts'
import { isObject } from './paths.ts'
import { terraform } from './tool.ts'

/**
 * Who made a Google Cloud call, from the AuditLog of its entry. The name is that of whoever is behind the call: of an
 * impersonated service account the first of the chain, with the account itself as sessionIssuer. `email` is always the
 * principal that Google names (principalEmail), so that filters find it under its own name. What the entry does not
 * say is null; the name is then "unknown".
 */
export function gcpActor(log: JsonObject): Actor {
  const identity = object(log.authenticationInfo)
  const request = object(log.requestMetadata)
  const email = text(identity.principalEmail)
  const subject = text(identity.principalSubject)
  const origin = originOf(identity)
  const type = typeOf(email, subject)
  return {
    type,
    name: origin ?? email ?? nameOfSubject(subject) ?? 'unknown',
    email,
    arn: null,
    principalId: subject ?? text(identity.serviceAccountKeyName),
    account: email === null ? null : projectOf(email),
    sessionIssuer: origin === null ? null : (email ?? subject),
    tool: type === 'GoogleService' ? 'service' : toolOf(text(request.callerSuppliedUserAgent) ?? ''),
    sourceIp: address(text(request.callerIp)),
    mfa: null,
  }
}

/** Of the delegations, which come in the order in which they were made, the first: a person, or a workload. */
function originOf({ serviceAccountDelegationInfo }: JsonObject): string | null {
  const [first] = Array.isArray(serviceAccountDelegationInfo) ? serviceAccountDelegationInfo : []
  if (!isObject(first)) return null
  const email = text(object(first.firstPartyPrincipal).principalEmail)
  return email ?? nameOfSubject(text(first.principalSubject))
}

/**
 * user:alice@example.com → alice@example.com; principal://iam.googleapis.com/projects/1/locations/global/
 * workloadIdentityPools/ci/subject/repo:acme/shop → repo:acme/shop
 */
function nameOfSubject(subject: string | null): string | null {
  if (subject === null) return null
  const federated = /^principal(?:Set)?:\/\/.*?\/(?:subject|group|attribute\.[^/]+)\/(.+)$/.exec(subject)
  return federated?.[1] ?? subject.replace(/^(user|serviceAccount):/, '')
}

function typeOf(email: string | null, subject: string | null): string {
  if (email !== null && googleService.test(email)) return 'GoogleService'
  if (email?.endsWith('.gserviceaccount.com') || subject?.startsWith('serviceAccount:'))
    return 'ServiceAccount'
  if (subject?.includes('/workloadIdentityPools/')) return 'WorkloadIdentity'
  if (subject?.includes('/workforcePools/')) return 'WorkforceIdentity'
  return email !== null || subject?.startsWith('user:') ? 'User' : 'Unknown'
}

/**
 * The accounts of Google's own services, which act by themselves. Only such as nobody else can make: anybody may name
 * a service account of a project of their own service-1234.
 */
const googleService =
  /^system@google\.com$|@(system|cloudservices)\.gserviceaccount\.com$|@(compute-system|container-engine-robot|serverless-robot-prod|gcf-admin-robot)\.iam\.gserviceaccount\.com$/

/** deployer@shop-prod.iam.gserviceaccount.com and shop-prod@appspot.gserviceaccount.com belong to shop-prod. */
function projectOf(email: string): string | null {
  const own = /@([^@]+)\.iam\.gserviceaccount\.com$/.exec(email)
  return (own ?? /^([^@]+)@appspot\.gserviceaccount\.com$/.exec(email))?.[1] ?? null
}

const tools: readonly [pattern: RegExp, tool: Tool][] = [
  [terraform, 'terraform'],
  [/\bgcloud\/|\bgoogle-cloud-sdk\b|\bgsutil\/|\bcommand\/|\bkubectl\//, 'cli'],
  [/^Mozilla\//, 'console'],
  [/\bgoogle-api-[\w-]+-client|\bgl-[a-z]+\/|\bgccl\/|\bgcloud-[a-z]+\/|\bgrpc-[a-z+]+[-/]|apitools/i, 'sdk'],
]

/** The caller's own word: it may inform, but must never exempt anything alone. Google writes `,gzip(gfe)` behind it. */
function toolOf(userAgent: string): Tool {
  return tools.find(([pattern]) => pattern.test(userAgent))?.[1] ?? 'unknown'
}

/** Calls from within Google have `private` or `gce-internal-ip` in the place of an address. */
function address(value: string | null): string | null {
  return value !== null && isIP(value) > 0 ? value : null
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}
