import { canonical } from '../compare/canonical.ts'
import type { CloudCall, Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'
import { type Assignment, assignments } from './attributes.ts'
import { blocksOf, hidesAny } from './blocks.ts'
import type { Atom } from './security-group-atoms.ts'
import type { DetectContext } from './step.ts'
import { valuesOf } from './values.ts'

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
export function madeRule({ protocol, from, to, peerKind, peer }: Atom): JsonObject {
  const attribute = {
    cidr_blocks: 'cidr_ipv4',
    ipv6_cidr_blocks: 'cidr_ipv6',
    security_groups: 'referenced_security_group_id',
    prefix_list_ids: 'prefix_list_id',
  }[peerKind]
  return { ip_protocol: protocol, from_port: from, to_port: to, [attribute]: peer }
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
