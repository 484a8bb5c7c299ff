import type { RawEvent } from '../../schemas/types.ts'
import type { CloudCall, Json, JsonObject, NoFinding } from '../finding.ts'
import { gcpActor } from '../gcp-actor.ts'
import { grantOf } from '../iam-grant.ts'
import { isObject } from '../paths.ts'
import { auditChange } from './gcp-audit-config.ts'
import { bigQueryBody } from './gcp-bigquery.ts'
import { camelCased } from './gcp-camel-case.ts'
import { firewallRequest } from './gcp-firewall.ts'
import { withLabelMaps } from './gcp-labels.ts'
import { applyMask } from './gcp-mask.ts'
import { metadataChange } from './gcp-metadata.ts'
import { operationOf } from './gcp-operation.ts'
import { besideOwnZone } from './gcp-zones.ts'

/**
 * A LogEntry of Google's audit logs as a CloudCall. The name is the method's without its version. The request is the
 * body as the API has it, with
 *  - `id`: the resource's path, projects/P/global/firewalls/N; `name`: its last part; `bodyName`: what the body calls
 *    `name`, where that is something else; `bucket`: of Cloud Storage; `project`, `folder` or `organization`: where the
 *    resource is one itself (`projectBody`, `folderBody`: what the body has under that name); `root` and `collection`: the first part of the path, and the last but one;
 *  - an update mask applied (gcp-mask.ts), labels as a map (gcp-labels.ts), and the metadata of instances as far as
 *    they are told (gcp-metadata.ts);
 *  - `added` and `removed`: the grants that an IAM call gave and took, each with its `role`, `member`, `condition`, the
 *    form `members` that policies have, and the ends of Terraform's ids, `memberId` and `bindingId`; `granted`: all
 *    grants of a whole policy that the call sets, in the same form;
 *  - `audited` and `auditGone`: the services whose auditing a policy changes or ends (gcp-audit-config.ts);
 *  - `labelled`: what the log says of the resource that it names: `location`, `email_id` of a service account;
 *  - `unseen`: true if the entry has no body, and so does not tell what was set.
 */
export function normalizeGcp(raw: RawEvent, entry: JsonObject): CloudCall | NoFinding {
  if (operationOf(entry)?.part === 'last') return 'operation-end'
  const log = object(entry.protoPayload)
  const body = bodyOf(raw, log)
  if (body.validateOnly === true || body.dryRun === true) return 'no-effect'
  const changes = object(object(log.serviceData).policyDelta)
  const id = resourcePath(text(log.resourceName) ?? '', raw.account)
  const name = raw.name.replace(version, '')
  const { labels } = object(entry.resource)
  const told = { ...body, ...metadataChange(object(log.metadata), body) }
  const set = name.startsWith('compute.firewalls.')
    ? firewallRequest(name, body)
    : besideOwnZone(applyMask(withLabelMaps(told)), id)
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
      ...(isObject(labels) && { labelled: labels }),
      ...set,
      ...named(id, set),
      ...grants(changes),
      ...granted(body),
      ...auditChange(changes, body),
      ...(Object.keys(told).length === 0 && { unseen: true }),
    },
    response: object(log.response),
  }
}

/** BigQuery tells beside the request what was set; IAM and others write names as the protocol behind their API does. */
function bodyOf({ service, name }: RawEvent, { request, metadata, serviceData }: JsonObject): JsonObject {
  const { '@type': _, ...body } = object(request)
  if (service === 'bigquery.googleapis.com') return bigQueryBody({ body, metadata, serviceData })
  const inProtocol = snakeCase.test(name) || Object.keys(body).some((field) => field.includes('_'))
  return inProtocol ? camelCased(body) : body
}

const snakeCase = /^google\.(iam\.admin|cloud\.functions\.v2)\./

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
  const parts = id.split('/')
  return {
    id,
    name,
    ...(parts.length > 1 && { root: parts[0]!, collection: parts.at(-2)! }),
    ...(bodyName !== null && bodyName !== name && { bodyName }),
    ...(bucket !== undefined && { bucket }),
    ...(kind !== undefined && { [kind]: own!, ...(isObject(body[kind]) && { [`${kind}Body`]: body[kind] }) }),
  }
}

/** What an IAM call changed, as the log tells it beside the whole new policy. */
function grants({ bindingDeltas }: JsonObject): JsonObject {
  const all = (Array.isArray(bindingDeltas) ? bindingDeltas : []).filter(isObject)
  const of = (action: string) => all.filter((delta) => delta.action === action).map(grantOf)
  return all.length === 0 ? {} : { added: of('ADD'), removed: of('REMOVE') }
}

function granted({ policy, updateMask }: JsonObject): JsonObject {
  const { bindings } = object(policy)
  if (!isObject(policy) || (updateMask !== undefined && !JSON.stringify(updateMask).includes('bindings')))
    return {}
  const all = (Array.isArray(bindings) ? bindings : []).filter(isObject)
  const grants = all.flatMap(({ members, ...binding }) =>
    (Array.isArray(members) ? members : []).map((member) => grantOf({ ...binding, member })),
  )
  return { granted: grants }
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}
