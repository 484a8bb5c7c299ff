import { protocolName } from '../compare/protocol.ts'
import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'

export type Direction = 'ingress' | 'egress'
export type PeerKind = 'cidr_blocks' | 'ipv6_cidr_blocks' | 'security_groups' | 'prefix_list_ids'

/**
 * One security-group rule for one peer: what one call and four Terraform shapes can all be split into.
 * Descriptions are not part of its identity.
 */
export interface Atom {
  protocol: string
  /** null: all ports. */
  from: number | null
  to: number | null
  peerKind: PeerKind
  peer: string
  description: string | null
}

/** Equal for two atoms that open the same path. */
export function atomText(atom: Atom): string {
  return [atom.protocol, atom.from ?? '*', atom.to ?? '*', atom.peerKind, atom.peer].join(' ')
}

/** As an element of an inline `ingress` or `egress`. */
export function atomElement(atom: Atom, group: string): JsonObject {
  const self = atom.peerKind === 'security_groups' && atom.peer === group
  return {
    from_port: atom.from ?? 0,
    to_port: atom.to ?? 0,
    protocol: atom.protocol,
    ...(self ? { self } : { [atom.peerKind]: [atom.peer] }),
    ...(atom.description !== null && { description: atom.description }),
  }
}

/** As the API's IpPermission: what a revert command takes. */
export function atomPermission(atom: Atom): JsonObject {
  const peers: Record<PeerKind, JsonObject> = {
    cidr_blocks: { IpRanges: [{ CidrIp: atom.peer }] },
    ipv6_cidr_blocks: { Ipv6Ranges: [{ CidrIpv6: atom.peer }] },
    security_groups: { UserIdGroupPairs: [{ GroupId: atom.peer }] },
    prefix_list_ids: { PrefixListIds: [{ PrefixListId: atom.peer }] },
  }
  const ports = atom.from === null ? {} : { FromPort: atom.from, ToPort: atom.to }
  return { IpProtocol: atom.protocol, ...ports, ...peers[atom.peerKind] }
}

/** The rules of a request: `ipPermissions`, or the older flat form. */
export function requestAtoms(request: JsonObject, group: string): Atom[] {
  const permissions = list(request.ipPermissions)
  const atoms = permissions.flatMap((permission) => permissionAtoms(permission, group))
  return atoms.length > 0 ? atoms : permissionAtoms(flatPermission(request), group)
}

/** The ids (sgr-...) by which a request names rules. */
export function requestIds(request: JsonObject): string[] {
  return list(request.securityGroupRuleIds).flatMap(({ securityGroupRuleId: id }) =>
    typeof id === 'string' ? [id] : [],
  )
}

function permissionAtoms(permission: JsonObject, group: string): Atom[] {
  return [
    ...peers(permission.ipRanges, 'cidrIp', 'cidr_blocks'),
    ...peers(permission.ipv6Ranges, 'cidrIpv6', 'ipv6_cidr_blocks'),
    ...peers(permission.groups, 'groupId', 'security_groups'),
    ...peers(permission.prefixListIds, 'prefixListId', 'prefix_list_ids'),
  ].map(({ peer, kind, description }) =>
    atomOf(permission.ipProtocol, permission.fromPort, permission.toPort, kind, peer, description, group),
  )
}

function peers(value: Json | undefined, field: string, kind: PeerKind) {
  return list(value).flatMap((one) => {
    const peer = one[field]
    const description = typeof one.description === 'string' ? one.description : null
    return typeof peer === 'string' ? [{ peer, kind, description }] : []
  })
}

function flatPermission(request: JsonObject): JsonObject {
  const { ipProtocol, fromPort, toPort, cidrIp, cidrIpv6, sourceSecurityGroupId } = request
  return {
    ipProtocol: ipProtocol ?? null,
    fromPort: fromPort ?? null,
    toPort: toPort ?? null,
    ipRanges: typeof cidrIp === 'string' ? [{ cidrIp }] : [],
    ipv6Ranges: typeof cidrIpv6 === 'string' ? [{ cidrIpv6 }] : [],
    groups: typeof sourceSecurityGroupId === 'string' ? [{ groupId: sourceSecurityGroupId }] : [],
  }
}

/** The rules of an answer, with their ids: `securityGroupRuleSet`, `revokedSecurityGroupRuleSet`. */
export function responseRules(value: Json | undefined, group: string): { id: string; atom: Atom }[] {
  return list(value).flatMap((rule) => ruleOf(rule.securityGroupRuleId, rule, group))
}

/** The rules that a request writes anew, by their ids. */
export function rewrittenRules(request: JsonObject, group: string): { id: string; atom: Atom }[] {
  return list(request.securityGroupRule).flatMap(({ securityGroupRuleId, securityGroupRule }) =>
    list(securityGroupRule).flatMap((rule) => ruleOf(securityGroupRuleId, rule, group)),
  )
}

/** The descriptions that a request gives to rules by their ids. */
export function describedIds(request: JsonObject): { id: string; description: string | null }[] {
  const { securityGroupRuleDescription, securityGroupRuleDescriptions } = request
  return list(securityGroupRuleDescription ?? securityGroupRuleDescriptions).flatMap((one) => {
    const { securityGroupRuleId: id, description } = one
    const text = typeof description === 'string' ? description : null
    return typeof id === 'string' ? [{ id, description: text }] : []
  })
}

function ruleOf(id: Json | undefined, rule: JsonObject, group: string): { id: string; atom: Atom }[] {
  const referenced = isObject(rule.referencedGroupInfo)
    ? rule.referencedGroupInfo.groupId
    : rule.referencedGroupId
  const permission = {
    ipProtocol: rule.ipProtocol ?? null,
    fromPort: rule.fromPort ?? null,
    toPort: rule.toPort ?? null,
    ipRanges: [{ cidrIp: rule.cidrIpv4 ?? null }],
    ipv6Ranges: [{ cidrIpv6: rule.cidrIpv6 ?? null }],
    groups: [{ groupId: referenced ?? null }],
    prefixListIds: [{ prefixListId: rule.prefixListId ?? null }],
  }
  const [first] = permissionAtoms(permission, group)
  const description = typeof rule.description === 'string' ? rule.description : null
  return typeof id === 'string' && first ? [{ id, atom: { ...first, description } }] : []
}

/** A rule of which everything is written as Terraform and the API may write it. */
export function atomOf(
  protocolValue: Json | undefined,
  from: Json | undefined,
  to: Json | undefined,
  peerKind: PeerKind,
  peer: string,
  description: string | null,
  group: string,
): Atom {
  const protocol = protocolName(String(protocolValue ?? '-1'))
  const all = protocol === '-1'
  const name =
    peer === 'self'
      ? group
      : peer.split('/').length === 2 && peerKind === 'security_groups'
        ? peer.split('/')[1]!
        : peer
  return {
    protocol,
    from: all ? null : port(from),
    to: all ? null : port(to),
    peerKind,
    peer: name.toLowerCase(),
    description,
  }
}

function port(value: Json | undefined): number | null {
  if (value === undefined || value === null || value === '') return null
  return Number(value)
}

function list(value: Json | undefined): JsonObject[] {
  if (Array.isArray(value)) return value.filter(isObject)
  return isObject(value) && Object.keys(value).length > 0 ? [value] : []
}

/** The newer type of a rule that stands on its own. */
export function ruleTypeOf(direction: Direction): string {
  return `aws_vpc_security_group_${direction}_rule`
}
