import type { Json, JsonObject, StateRow } from '../finding.ts'
import { type Atom, atomOf, atomText, type PeerKind } from './security-group-atoms.ts'

/** The rules that a state row of one of the rule types stands for. */
export function rowAtoms(row: StateRow, group: string): Atom[] {
  const { attributes: a } = row
  if (row.type !== 'aws_security_group_rule') {
    const block = {
      ...a,
      protocol: a.ip_protocol ?? null,
      cidr_blocks: [a.cidr_ipv4 ?? null],
      ipv6_cidr_blocks: [a.cidr_ipv6 ?? null],
      security_groups: [a.referenced_security_group_id ?? null],
      prefix_list_ids: [a.prefix_list_id ?? null],
    }
    return blockAtoms(block, group)
  }
  return blockAtoms({ ...a, security_groups: [a.source_security_group_id ?? null] }, group)
}

/** The rules of one inline `ingress` or `egress` block. */
export function blockAtoms(block: JsonObject, group: string): Atom[] {
  const kinds: PeerKind[] = ['cidr_blocks', 'ipv6_cidr_blocks', 'security_groups', 'prefix_list_ids']
  const listed = kinds.flatMap((kind) => texts(block[kind]).map((peer) => ({ kind, peer })))
  const self =
    block.self === true || block.self === 'true' ? [{ kind: 'security_groups' as const, peer: group }] : []
  const description =
    typeof block.description === 'string' && block.description !== '' ? block.description : null
  const unique = new Map<string, Atom>()
  for (const { kind, peer } of [...listed, ...self]) {
    const one = atomOf(block.protocol, block.from_port, block.to_port, kind, peer, description, group)
    unique.set(atomText(one), one)
  }
  return [...unique.values()]
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string' && one !== '').map(String) : []
}
