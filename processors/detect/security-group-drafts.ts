import { isHashed } from '../../schemas/hashed-value.ts'
import type { Comparison } from '../compare/compare.ts'
import type { StateRow } from '../finding.ts'
import { isObject, readPath } from '../paths.ts'
import { shellQuote } from '../shell-quote.ts'
import { mostDifferent } from './most-different.ts'
import { type Atom, atomElement, atomPermission, atomText, ruleTypeOf } from './security-group-atoms.ts'
import type { Group, Rule } from './security-group-of-call.ts'
import { blockAtoms } from './security-group-row-atoms.ts'
import { type Draft, notCompared } from './step.ts'

/** A rule resource with several peers has lost some of them. */
export function peersRemoved(removed: readonly Atom[]): Comparison[] {
  return removed.map(({ peerKind, peer }) => ({
    attribute: peerKind === 'security_groups' ? 'source_security_group_id' : peerKind,
    slot: `${peerKind}#${peer}`,
    equal: false,
    law: 'same set',
    oldValue: [peer],
    state: peer,
    sensitive: false,
    apiName: 'ipPermissions',
  }))
}

export function inlineDraft(group: Group, rules: readonly Rule[], added: boolean): Draft {
  const { direction } = group
  const { row, others, comparisons } = mostDifferent(group.inline, (candidate) => {
    const held = new Map(inlineAtoms(candidate, group).map((atom) => [atomText(atom), atom]))
    const sensitive = isHashed(candidate.attributes[direction])
    return rules.map(({ atom }): Comparison => {
      const before = held.get(atomText(atom))
      const equal = (before !== undefined) === added
      const element = atomElement(before ?? atom, group.target.id)
      return {
        attribute: direction,
        slot: `${direction}#${atomText(atom)}`,
        equal,
        law: 'same rules',
        sensitive,
        apiName: 'ipPermissions',
        ...(!equal && { [added ? 'newValue' : 'oldValue']: [element] }),
        ...(!sensitive && { state: before && element, event: added ? element : undefined }),
      }
    })
  })
  const differing = rules.filter((_, i) => !comparisons[i]!.equal).map(({ atom }) => atom)
  return {
    type: 'attribute_drift',
    resourceType: group.target.type,
    id: row.id || group.target.id,
    childType: ruleTypeOf(direction),
    scope: group.target.scope,
    row,
    others,
    comparisons,
    compared: true,
    reason: differing.length > 0 ? null : 'as-declared',
    revertCommand: comparisons.some(({ sensitive }) => sensitive)
      ? null
      : permissionCommand(added ? 'revoke' : 'authorize', group, differing),
  }
}

/** Rules that a group holds inline get other descriptions; those that it does not hold are nobody's. */
export function describeInline(group: Group, rules: readonly Rule[]): Draft {
  const { direction } = group
  const { row, others, comparisons } = mostDifferent(group.inline, (candidate) => {
    const held = new Map(inlineAtoms(candidate, group).map((atom) => [atomText(atom), atom]))
    const sensitive = isHashed(candidate.attributes[direction])
    return rules.flatMap(({ atom }): Comparison[] => {
      const before = held.get(atomText(atom))
      if (before === undefined) return []
      const equal = (before.description ?? '') === (atom.description ?? '')
      const slot = `${direction}#${atomText(atom)}#description`
      const base = { attribute: direction, slot, equal, law: 'same rules', sensitive, apiName: 'description' }
      const element = (one: Atom) => [atomElement(one, group.target.id)]
      return [
        { ...base, ...(!equal && !sensitive && { oldValue: element(before), newValue: element(atom) }) },
      ]
    })
  })
  const reason = comparisons.length === 0 ? 'unmanaged' : 'as-declared'
  const drift = comparisons.some(({ equal }) => !equal)
  return {
    ...blank(group),
    id: row.id || group.target.id,
    row,
    others,
    comparisons,
    reason: drift ? null : reason,
  }
}

/** A rule of the group was changed or taken away, and nobody says which. */
export function untoldDraft(group: Group): Draft {
  const [row = null, ...others] = group.inline.length > 0 ? group.inline : group.rows
  const id = row?.id || group.target.id
  return { ...blank(group), id, row, others, comparisons: [notCompared(group.call)], compared: false }
}

/** The rules of one direction that a group holds inline. */
export function inlineAtoms(row: StateRow, group: Group): Atom[] {
  const blocks = readPath(row.attributes, group.direction)
  return (Array.isArray(blocks) ? blocks : [])
    .filter(isObject)
    .flatMap((block) => blockAtoms(block, group.target.id))
}

export function childDraft(group: Group, row: StateRow): Draft {
  const others = group.children.filter((one) => one !== row && one.type === row.type && one.id === row.id)
  return { ...blank(group), resourceType: row.type, id: row.id, row, others }
}

/** The rule under its own id, or, where nobody says it, under its group and text. */
export function unheldDraft(group: Group, { id, atom }: Rule): Draft {
  const resourceType = ruleTypeOf(group.direction)
  const { target } = group
  return { ...blank(group), resourceType, id: id ?? `${target.id}|${atomText(atom)}`, parents: [target] }
}

function blank(group: Group): Draft {
  return {
    type: 'attribute_drift',
    resourceType: group.target.type,
    id: group.target.id,
    scope: group.target.scope,
    row: null,
    others: [],
    comparisons: [],
    compared: true,
    reason: null,
  }
}

export function permissionCommand(
  verb: 'authorize' | 'revoke',
  group: Group,
  atoms: readonly Atom[],
): string | null {
  if (atoms.length === 0) return null
  const permissions = shellQuote(JSON.stringify(atoms.map(atomPermission)))
  return `aws ec2 ${verb}-security-group-${group.direction} --group-id ${shellQuote(group.target.id)} --ip-permissions ${permissions}`
}
