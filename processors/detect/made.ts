import { canonical } from '../compare/canonical.ts'
import type { Json, JsonObject } from '../finding.ts'
import { isLeftOut } from '../left-out.ts'
import { isObject } from '../paths.ts'
import type { Assignment } from './attributes.ts'
import type { Atom } from './security-group-atoms.ts'

/**
 * What a call tells of the resource that it makes, by Terraform's paths: there is no state to compare it with, but
 * rules may ask. Blocks of which only the API's form is known are left out, as is what must not be shown.
 */
export function madeOf(list: readonly Assignment[], isSensitive: (path: string) => boolean): JsonObject {
  const made: JsonObject = {}
  for (const { attribute, value, fields, keyed, delta } of list) {
    if (fields || keyed || delta === 'takes' || isLeftOut(value)) continue
    for (const path of attribute.split(' | ')) if (!isSensitive(path)) put(made, stepsOf(path), value)
  }
  return made
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
