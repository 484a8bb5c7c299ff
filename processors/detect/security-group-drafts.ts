import { isHashed } from '../../schemas/hashed-value.ts'
import type { Comparison } from '../compare/compare.ts'
import type { CloudCall, StateRow } from '../finding.ts'
import { isObject, readPath } from '../paths.ts'
import { shellQuote } from '../shell-quote.ts'
import { mostDifferent } from './most-different.ts'
import {
  type Atom,
  atomElement,
  atomPermission,
  atomText,
  blockAtoms,
  type Direction,
  rowAtoms,
} from './security-group-atoms.ts'
import type { Draft, Target } from './step.ts'

/** A rule that a call names. */
export interface Rule {
  atom: Atom
  /** sgr-..., where the call or its answer says it. */
  id: string | null
}

/** A security group with what of it is known. */
export interface Group {
  call: CloudCall
  direction: Direction
  target: Target
  rules: Rule[]
  /** Rows of the rule types of this group and direction, those of the newer type first. */
  children: StateRow[]
  /** Rows of the group that hold rules of this direction inline. */
  inline: StateRow[]
}

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

function inlineAtoms(row: StateRow, group: Group): Atom[] {
  const blocks = readPath(row.attributes, group.direction)
  return (Array.isArray(blocks) ? blocks : [])
    .filter(isObject)
    .flatMap((block) => blockAtoms(block, group.target.id))
}

export function holds(row: StateRow, atom: Atom, group: string): boolean {
  return rowAtoms(row, group).some((one) => atomText(one) === atomText(atom))
}

export function childDraft(group: Group, row: StateRow): Draft {
  const others = group.children.filter((one) => one !== row && one.type === row.type && one.id === row.id)
  return { ...blank(group), resourceType: row.type, id: row.id, row, others }
}

/** The newer type of a rule that stands on its own. */
export function ruleTypeOf(direction: Direction): string {
  return `aws_vpc_security_group_${direction}_rule`
}

/** The rule under its own id, or, where nobody says it, under its group and text. */
export function unheldDraft(group: Group, { id, atom }: Rule): Draft {
  const resourceType = ruleTypeOf(group.direction)
  return { ...blank(group), resourceType, id: id ?? `${group.target.id}|${atomText(atom)}` }
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
