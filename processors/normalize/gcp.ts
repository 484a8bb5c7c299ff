import type { RawEvent } from '../../schemas/types.ts'
import type { CloudCall, Json, JsonObject, NoFinding } from '../finding.ts'
import { gcpActor } from '../gcp-actor.ts'
import { isObject } from '../paths.ts'
import { firewallRequest } from './gcp-firewall.ts'
import { withLabelMaps } from './gcp-labels.ts'
import { applyMask } from './gcp-mask.ts'
import { metadataChange } from './gcp-metadata.ts'
import { operationOf } from './gcp-operation.ts'

/**
 * A LogEntry of Google's audit logs as a CloudCall. The name is the method's without its version. The request is the
 * body as the API has it, with
 *  - `id`: the resource's path, projects/P/global/firewalls/N; `name`: its last part; `bodyName`: what the body calls
 *    `name`, where that is something else; `bucket`: of Cloud Storage; `project`, `folder` or `organization`: where the
 *    resource is one itself;
 *  - an update mask applied (gcp-mask.ts), labels as a map (gcp-labels.ts), and the metadata of instances as far as
 *    they are told (gcp-metadata.ts);
 *  - `added` and `removed`: the grants that an IAM call gave and took, each with its `role`, `member`, `condition`, the
 *    form `members` that policies have, and the ends of Terraform's ids, `memberId` and `bindingId`; `granted`: all
 *    grants of a whole policy that the call sets, in the same form;
 *  - `unseen`: true if the entry has no body, and so does not tell what was set.
 */
export function normalizeGcp(raw: RawEvent, entry: JsonObject): CloudCall | NoFinding {
  if (operationOf(entry)?.part === 'last') return 'operation-end'
  const log = object(entry.protoPayload)
  const { '@type': _, ...body } = object(log.request)
  if (body.validateOnly === true || body.dryRun === true) return 'no-effect'
  // What of a policy is audited stands in it, too, and is mapped nowhere.
  const changes = object(object(log.serviceData).policyDelta)
  if (changes.auditConfigDeltas !== undefined && changes.bindingDeltas === undefined) return 'unmapped'
  const id = resourcePath(text(log.resourceName) ?? '', raw.account)
  const name = raw.name.replace(version, '')
  const told = { ...body, ...metadataChange(object(log.metadata)) }
  return {
    eventId: raw.eventId,
    provider: raw.provider,
    account: raw.account,
    region: raw.region,
    service: raw.service,
    name,
    time: raw.time,
    actor: gcpActor(log),
    sourceEvent: {
      id: text(entry.insertId) ?? raw.eventId,
      source: raw.service,
      name: raw.name,
      time: new Date(raw.time).toISOString().replace('.000Z', 'Z'),
    },
    request: {
      ...(name.startsWith('compute.firewalls.')
        ? firewallRequest(name, body)
        : applyMask(withLabelMaps(told))),
      ...named(id, body),
      ...grants(changes),
      ...granted(object(body.policy)),
      ...(Object.keys(told).length === 0 && { unseen: true }),
    },
    response: object(log.response),
  }
}

/** v1.compute.firewalls.patch, beta.compute.firewalls.patch and compute.firewalls.patch are one call. */
const version = /^(v\d+|alpha|beta|v\d+(alpha|beta)\d*)\./

/** The path alone, with the project's id: a link may stand before it, and in it the project's number. */
function resourcePath(resourceName: string, account: string): string {
  const path = /(?:^|\/)(projects\/.+)$/.exec(resourceName)?.[1] ?? resourceName
  return account.includes('/') ? path : path.replace(/^projects\/\d+(?=\/|$)/, `projects/${account}`)
}

function named(id: string, body: JsonObject): JsonObject {
  const [, bucket] = /^projects\/_\/buckets\/([^/]+)/.exec(id) ?? []
  const [, kind, own] = /^(project|folder|organization)s\/([^/]+)$/.exec(id) ?? []
  const name = id.slice(id.lastIndexOf('/') + 1)
  const bodyName = text(body.name)
  return {
    id,
    name,
    ...(bodyName !== null && bodyName !== name && { bodyName }),
    ...(bucket !== undefined && { bucket }),
    ...(kind !== undefined && { [kind]: own! }),
  }
}

/** What an IAM call changed, as the log tells it beside the whole new policy. */
function grants({ bindingDeltas }: JsonObject): JsonObject {
  const all = (Array.isArray(bindingDeltas) ? bindingDeltas : []).filter(isObject)
  const of = (action: string) => all.filter((delta) => delta.action === action).map(grant)
  return all.length === 0 ? {} : { added: of('ADD'), removed: of('REMOVE') }
}

function granted({ bindings }: JsonObject): JsonObject {
  const all = (Array.isArray(bindings) ? bindings : []).filter(isObject)
  const grants = all.flatMap(({ members, ...binding }) =>
    (Array.isArray(members) ? members : []).map((member) => grant({ ...binding, member })),
  )
  return grants.length === 0 ? {} : { granted: grants }
}

function grant({ role = null, member = null, condition = null }: JsonObject): JsonObject {
  const { title, description, expression } = object(condition)
  const suffix = isObject(condition) ? `/${title ?? ''}/${description ?? ''}/${expression ?? ''}` : ''
  return {
    role,
    member,
    members: [member],
    condition,
    bindingId: `${role}${suffix}`,
    memberId: `${role}/${member}${suffix}`,
  }
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}
