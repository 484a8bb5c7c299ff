import { isIP } from 'node:net'
import type { Actor } from '../schemas/types.ts'
import type { Json, JsonObject } from './finding.ts'
import { isObject } from './paths.ts'
import { awsTool } from './tool.ts'

/**
 * Who made an AWS call, from the whole CloudTrail record. The name is the person's or workload's: of an assumed
 * role the session's. Whatever the record does not say is null; the name is then "unknown".
 */
export function awsActor(record: JsonObject): Actor {
  const identity = object(record.userIdentity)
  const session = object(identity.sessionContext)
  const issuer = object(session.sessionIssuer)
  const arn = text(identity.arn)
  const invokedBy = text(identity.invokedBy)
  const type = text(identity.type) ?? impliedType(record, invokedBy)
  const role = assumedRole(arn)
  const name = nameOf(type, identity, role, record)
  return {
    type,
    name,
    email: emailOf(type, name, role?.name ?? lastPart(text(issuer.arn)) ?? text(issuer.userName)),
    arn,
    principalId: text(identity.principalId) ?? text(object(identity.onBehalfOf).userId),
    account: text(identity.accountId) ?? text(issuer.accountId) ?? accountOf(arn),
    sessionIssuer: text(issuer.arn) ?? text(issuer.userName) ?? role?.name ?? null,
    tool: awsTool({
      userAgent: text(record.userAgent),
      invokedBy,
      identityType: type,
      fromConsole: flag(record.sessionCredentialFromConsole) === true,
    }),
    sourceIp: ipAddress(text(record.sourceIPAddress)),
    mfa: flag(object(session.attributes).mfaAuthenticated),
  }
}

/** Events that a service logs of its own accord often carry no identity. */
function impliedType(record: JsonObject, invokedBy: string | null): string {
  return invokedBy?.endsWith('.amazonaws.com') || record.eventType === 'AwsServiceEvent'
    ? 'AWSService'
    : 'Unknown'
}

function nameOf(type: string, identity: JsonObject, role: AssumedRole | null, record: JsonObject): string {
  const principalId = text(identity.principalId)
  const userName = text(identity.userName)
  const afterColon = principalId?.includes(':')
    ? text(principalId.slice(principalId.lastIndexOf(':') + 1))
    : null
  const issuer = text(object(object(identity.sessionContext).sessionIssuer).userName)
  const general = [userName, afterColon, lastPart(text(identity.arn)), principalId, text(identity.accountId)]
  return [...preferred(), ...general].find((name) => name) ?? 'unknown'

  function preferred(): (string | null | undefined)[] {
    switch (type) {
      case 'Root':
        return ['root']
      case 'AssumedRole':
        return [role?.session, afterColon, userName, issuer, role?.name]
      case 'AWSService':
        return [text(identity.invokedBy), userName, text(record.eventSource)]
      case 'FederatedUser':
        return [afterColon]
      case 'IdentityCenterUser':
        return [userName, text(object(identity.onBehalfOf).userId)]
      default:
        return []
    }
  }
}

/**
 * Is it a service in a role of its own? Nobody else can make or assume roles of that path; that a service acts for a
 * person is not enough.
 */
export function isServicesOwnRole({ type, sessionIssuer }: Actor): boolean {
  return type === 'AWSService' || /^arn:[\w-]+:iam::\d+:role\/aws-service-role\//.test(sessionIssuer ?? '')
}

interface AssumedRole {
  name: string
  session: string | null
}

/** arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION */
function assumedRole(arn: string | null): AssumedRole | null {
  const [, path] = arn?.split(':assumed-role/') ?? []
  if (!path) return null
  const slash = path.indexOf('/')
  if (slash < 0) return { name: path, session: null }
  return { name: path.slice(0, slash), session: text(path.slice(slash + 1)) }
}

const email = /^[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+$/

/**
 * Only names that an identity provider or an administrator gave: whoever assumes an ordinary role chooses the name
 * of the session, and could pass as anybody. The roles of Identity Center are assumed through it alone.
 */
function emailOf(type: string, name: string, role: string | null): string | null {
  if (type === 'AssumedRole' && !role?.startsWith('AWSReservedSSO_')) return null
  return email.test(name) ? name : null
}

function accountOf(arn: string | null): string | null {
  return text(arn?.split(':')[4])
}

function lastPart(arn: string | null): string | null {
  return arn?.includes('/') ? text(arn.slice(arn.lastIndexOf('/') + 1)) : null
}

/** Calls that a service makes have its name, or "AWS Internal", in the place of an address. */
function ipAddress(value: string | null): string | null {
  return value !== null && isIP(value) > 0 ? value : null
}

function flag(value: Json | undefined): boolean | null {
  if (typeof value === 'boolean') return value
  const word = text(value)?.toLowerCase()
  return word === 'true' ? true : word === 'false' ? false : null
}

/** Falco writes "<NA>" where a field is absent. */
function text(value: Json | undefined): string | null {
  if (typeof value !== 'string') return null
  const trimmed = value.trim()
  return trimmed === '' || trimmed === '<NA>' ? null : trimmed
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}
