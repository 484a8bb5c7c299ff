import { isIP } from 'node:net'
import type { Actor, Tool } from '../schemas/types.ts'
import type { Json, JsonObject } from './finding.ts'
import { isObject } from './paths.ts'

/**
 * Who made an Azure call, from the whole record of the activity log: from the claims of the token, else from the
 * evidence of the authorization, else from an identity that is only a name. What the record does not say is null;
 * the name is then "unknown".
 */
export function azureActor(record: JsonObject): Actor {
  const identity = object(record.identity)
  const claims = claimsOf(identity)
  const evidence = object(object(identity.authorization).evidence)
  const managed = claims('xms_mirid')
  const upn = claims('upn', 'emailaddress')
  const objectId = claims('objectidentifier', 'oid') ?? text(evidence.principalId)
  const names = [upn, lastPart(managed), claims('name'), text(record.identity), text(record.caller)]
  const name = [...names, claims('appid'), objectId].find((one) => one !== null) ?? 'unknown'
  return {
    type: typeOf(claims('idtyp'), managed, upn, claims('appid'), text(evidence.principalType)),
    name,
    email: upn !== null && email.test(upn) ? upn : email.test(name) ? name : null,
    arn: null,
    principalId: objectId ?? claims('appid'),
    account: claims('tenantid', 'tid') ?? text(record.tenantId),
    sessionIssuer: null,
    tool: toolOf(claims('appid')),
    sourceIp: address(text(record.callerIpAddress)),
    mfa: secondFactor(claims('authnmethodsreferences', 'amr')),
  }
}

/** Claims by the last part of their names: the same ones are written bare and as URIs. */
function claimsOf(identity: JsonObject): (...names: string[]) => string | null {
  const byName = new Map<string, string>()
  for (const [uri, value] of Object.entries(object(identity.claims))) {
    const name = uri.slice(uri.lastIndexOf('/') + 1).toLowerCase()
    const known = text(value)
    if (known !== null && (!byName.has(name) || uri.includes('/identity/'))) byName.set(name, known)
  }
  return (...names) => names.map((name) => byName.get(name)).find((value) => value !== undefined) ?? null
}

function typeOf(
  tokenType: string | null,
  managed: string | null,
  upn: string | null,
  appId: string | null,
  principalType: string | null,
): string {
  if (managed !== null) return 'ManagedIdentity'
  if (tokenType === 'app') return 'ServicePrincipal'
  if (tokenType === 'user' || upn !== null) return 'User'
  return principalType ?? (appId !== null ? 'ServicePrincipal' : 'Unknown')
}

/** Microsoft's own applications, whose ids are the same in every tenant. */
const applications: Readonly<Record<string, Tool>> = {
  // Azure portal
  'c44b4083-3bb0-49c1-b47d-974e53cbdf3c': 'console',
  // Azure CLI, which Terraform may use, too
  '04b07795-8ddb-461a-bbee-02f9e1bf7b46': 'cli',
  // Azure PowerShell
  '1950a258-227b-4e31-a9cc-717495945fc2': 'cli',
}

/** Azure records no user agent: an application of one's own may be Terraform or anything else. */
function toolOf(appId: string | null): Tool {
  return applications[appId?.toLowerCase() ?? ''] ?? 'unknown'
}

const email = /^[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+$/

function secondFactor(methods: string | null): boolean | null {
  return methods === null ? null : /\b(ng)?mfa\b/.test(methods)
}

/** Some records have the port behind the address. */
function address(value: string | null): string | null {
  const [, bare = value] = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(value ?? '') ?? []
  return bare !== null && isIP(bare) > 0 ? bare : null
}

function lastPart(path: string | null): string | null {
  return path === null ? null : text(path.slice(path.lastIndexOf('/') + 1))
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}
