import type { EffectOf } from '../../mappings/format.ts'
import { type Comparison, compare } from '../compare/compare.ts'
import type { CloudCall, Json, StateRow } from '../finding.ts'
import { type Atom, atomText, describedIds, rewrittenRules } from './security-group-atoms.ts'
import { childDraft, describeInline, inlineAtoms, unheldDraft, untoldDraft } from './security-group-drafts.ts'
import { type Group, groupOfCall, ownerOf, type Rule } from './security-group-of-call.ts'
import { rowAtoms } from './security-group-row-atoms.ts'
import type { DetectContext, Draft, Rows, Step } from './step.ts'

/** Rules that are named by their ids are written anew. Which direction they have, only the state can say. */
export function rewrite(call: CloudCall, _effect: EffectOf<'rewrite'>, context: DetectContext): Step[] {
  const groups = (['ingress', 'egress'] as const).flatMap((one) => groupOfCall(call, one, context) ?? [])
  if (groups.length === 0) return []
  return [{ keys: groups.flatMap(({ keys }) => keys), judge }]

  function judge(rows: Rows): Draft[] {
    const both = groups.map((one) => one.read(rows))
    return rewrittenRules(call.request, both[0]!.target.id).map((rule) => rewritten(both, rule))
  }
}

function rewritten(groups: readonly Group[], rule: { id: string; atom: Atom }): Draft {
  for (const group of groups) {
    const row = group.children.find(({ attributes }) => attributes.security_group_rule_id === rule.id)
    if (row) return compared(childDraft(group, row), rewriteOf(row, rule.atom, group))
  }
  const inline = groups.find((group) => group.inline.length > 0)
  for (const group of groups) {
    const as = group.inline.flatMap((row) => inlineAtoms(row, group)).find((one) => isSame(one, rule.atom))
    if (as) return describeInline(group, [{ ...rule, atom: { ...as, ...describedAs(rule.atom) } }])
  }
  // It was one of those that the group holds, or of a rule resource that does not say its id; nobody knows which.
  const anonymous = groups.find(({ children }) =>
    children.some(({ attributes }) => typeof attributes.security_group_rule_id !== 'string'),
  )
  const group = inline ?? (anonymous && anonymous.rows.length > 0 ? anonymous : undefined)
  return group ? untoldDraft(group) : { ...unheldDraft(groups[0]!, rule), reason: 'unmanaged' }
}

function isSame(one: Atom, other: Atom): boolean {
  return atomText(one) === atomText(other)
}

function describedAs({ description }: Atom): Partial<Atom> {
  return description === null ? {} : { description }
}

const peers: Readonly<Record<string, Record<Atom['peerKind'], string>>> = {
  aws_security_group_rule: {
    cidr_blocks: 'cidr_blocks',
    ipv6_cidr_blocks: 'ipv6_cidr_blocks',
    security_groups: 'source_security_group_id',
    prefix_list_ids: 'prefix_list_ids',
  },
  // The same of both directions.
  other: {
    cidr_blocks: 'cidr_ipv4',
    ipv6_cidr_blocks: 'cidr_ipv6',
    security_groups: 'referenced_security_group_id',
    prefix_list_ids: 'prefix_list_id',
  },
}

/** A rule resource beside what its rule has become. */
function rewriteOf(row: StateRow, atom: Atom, group: Group): Comparison[] {
  const [before] = rowAtoms(row, group.target.id)
  const older = row.type === 'aws_security_group_rule'
  const names = peers[row.type] ?? peers.other!
  const kinds =
    before && before.peerKind !== atom.peerKind ? [before.peerKind, atom.peerKind] : [atom.peerKind]
  const self = older && before?.peer === group.target.id && row.attributes.self === true
  const list = older && atom.peerKind !== 'security_groups'
  const port = (value: number | null) => (older ? (value ?? 0) : value)
  return [
    compareWith(row, group, older ? 'protocol' : 'ip_protocol', atom.protocol),
    compareWith(row, group, 'from_port', port(atom.from)),
    compareWith(row, group, 'to_port', port(atom.to)),
    ...(self && atom.peer !== group.target.id ? [compareWith(row, group, 'self', false)] : []),
    ...kinds.flatMap((kind) => {
      if (self && kind === 'security_groups' && kind !== atom.peerKind) return []
      if (self && atom.peer === group.target.id) return []
      return [
        compareWith(row, group, names[kind], kind !== atom.peerKind ? null : list ? [atom.peer] : atom.peer),
      ]
    }),
    ...(atom.description === null ? [] : [compareWith(row, group, 'description', atom.description)]),
  ].flat()
}

function compareWith(row: StateRow, { mappings }: Group, attribute: string, event: Json): Comparison[] {
  return compare({
    attribute,
    apiName: 'securityGroupRule',
    kind: mappings.type(row.type).kinds[attribute],
    state: row.attributes[attribute],
    event,
    isSensitive: () => false,
  })
}

/** Rules get other descriptions: those that the call names by what they open, or by their ids. */
export function describe(call: CloudCall, effect: EffectOf<'describe'>, context: DetectContext): Step[] {
  const group = groupOfCall(call, effect.describe, context)
  return group ? [{ keys: group.keys, judge: (rows) => described(call, group.read(rows)) }] : []
}

function described(call: CloudCall, group: Group): Draft[] {
  const owned = group.rules.map((rule) => ({ rule, row: ownerOf(group, rule) }))
  const byId = describedIds(call.request).map(({ id, description }) => ({
    description,
    row: group.children.find(({ attributes }) => attributes.security_group_rule_id === id),
  }))
  const rest: Rule[] = owned.flatMap(({ rule, row }) => (row ? [] : [rule]))
  const untold = byId.some(({ row }) => row === undefined)
  return [
    ...[...owned.map(({ rule, row }) => ({ row, description: rule.atom.description })), ...byId].flatMap(
      ({ row, description }) =>
        row ? [compared(childDraft(group, row), compareWith(row, group, 'description', description))] : [],
    ),
    ...(group.inline.length > 0
      ? [...(rest.length > 0 ? [describeInline(group, rest)] : []), ...(untold ? [untoldDraft(group)] : [])]
      : rest.map((rule): Draft => ({ ...unheldDraft(group, rule), reason: 'unmanaged' }))),
  ]
}

function compared(draft: Draft, comparisons: Comparison[]): Draft {
  return { ...draft, comparisons, reason: comparisons.every(({ equal }) => equal) ? 'as-declared' : null }
}
