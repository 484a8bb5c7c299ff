import type { EffectOf } from '../../mappings/format.ts'
import { canonical } from '../compare/canonical.ts'
import type { CloudCall, Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'
import { type Assignment, assignments } from './attributes.ts'
import { blocksOf, hidesAny } from './blocks.ts'
import type { Atom } from './security-group-atoms.ts'
import type { DetectContext } from './step.ts'
import { type Values, valuesOf } from './values.ts'

/**
 * What a call tells of the resource that it makes, by Terraform's paths: there is no state to compare it with, but
 * rules may ask. What is hidden or must not be shown is left out.
 */
export function madeOf(list: readonly Assignment[], isSensitive: (path: string) => boolean): JsonObject {
  const made: JsonObject = {}
  for (const { attribute, value, fields, keyed, delta } of list) {
    if (delta === 'takes' || keyed?.how === 'drops' || hidesAny(value)) continue
    const said = fields ? blocksOf(fields, value) : value
    for (const path of attribute.split(' | ')) {
      if (!isSensitive(path) && !holdsSecret(said, path, isSensitive)) put(made, stepsOf(path), said)
    }
  }
  return made
}

/** What a call says of a child that nobody manages. */
export function madeChild(effect: EffectOf<'put'>, values: Values, context: DetectContext): JsonObject {
  const list = assignments(effect, values)
  const made = madeOf(list, (path) => context.isSensitive(effect.put, path))
  return values.read('item.memberId') === undefined ? made : { ...made, ...madeGrant(effect.put, values) }
}

/** What a grant of Google says, in the words of the type that has one member. */
function madeGrant(type: string, { read }: Values): JsonObject {
  const { role = null, member = null, condition = null } = object(read('item'))
  const { title = null, expression = null } = object(condition)
  const place = places[type]
  const on = read('on') ?? read('bucket')
  return {
    ...{ role, member },
    ...(place !== undefined && on !== undefined && { [place]: on }),
    ...(condition !== null && { condition: [{ title, expression }] }),
  }
}

/** What the types call the resource, where its name alone is meant. */
const places: Readonly<Record<string, string>> = {
  google_project_iam_member: 'project',
  google_folder_iam_member: 'folder',
  google_organization_iam_member: 'org_id',
  google_storage_bucket_iam_member: 'bucket',
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

/** What a creating call says, in the words of its effects on one that is there. */
export function madeByUpdate(call: CloudCall, type: string, id: string, context: DetectContext): JsonObject {
  const effects = context.mappings.effects(call.service, call.name) ?? []
  const list = effects.flatMap((effect) => {
    if (!('update' in effect) || !effect.update.includes(type)) return []
    const named = valuesOf(call, effect).filter((values) => values.text(effect.id) === id)
    return named.flatMap((values) => assignments(effect, values))
  })
  return madeOf(list, (path) => context.isSensitive(type, path))
}

function holdsSecret(value: Json, path: string, isSensitive: (path: string) => boolean): boolean {
  if (Array.isArray(value)) return value.some((one) => holdsSecret(one, path, isSensitive))
  if (!isObject(value)) return isSensitive(path)
  return Object.entries(value).some(([field, inner]) => holdsSecret(inner, `${path}.${field}`, isSensitive))
}

/** A rule of a security group, as its own type of resource names what it opens. */
export function madeRule(group: string, { protocol, from, to, peerKind, peer }: Atom): JsonObject {
  const attribute = {
    cidr_blocks: 'cidr_ipv4',
    ipv6_cidr_blocks: 'cidr_ipv6',
    security_groups: 'referenced_security_group_id',
    prefix_list_ids: 'prefix_list_id',
  }[peerKind]
  return { security_group_id: group, ip_protocol: protocol, from_port: from, to_port: to, [attribute]: peer }
}

function stepsOf(path: string): (string | number)[] {
  return (path.match(/[^.[\]]+/g) ?? []).map((step) => (/^\d+$/.test(step) ? Number(step) : step))
}

function put(target: JsonObject | Json[], [first, ...rest]: readonly (string | number)[], value: Json): void {
  const holder = target as Record<string | number, Json>
  if (rest.length === 0) {
    if (canonical(value) !== null) holder[first!] = value
    return
  }
  const there = Object.hasOwn(holder, first!) ? holder[first!] : undefined
  const next = isObject(there) || Array.isArray(there) ? there : typeof rest[0] === 'number' ? [] : {}
  holder[first!] = next
  put(next, rest, value)
}
