import type { Mappings } from '../../mappings/index.ts'
import { canonical } from '../compare/canonical.ts'
import type { CloudCall, StateRow } from '../finding.ts'
import { nameKey, parentKey } from '../identity.ts'
import { readPath } from '../paths.ts'
import {
  type Atom,
  atomText,
  type Direction,
  requestAtoms,
  requestIds,
  responseRules,
  ruleTypeOf,
} from './security-group-atoms.ts'
import { rowAtoms } from './security-group-row-atoms.ts'
import { type DetectContext, type Rows, scoped, type Target, target } from './step.ts'
import { valuesOf } from './values.ts'

/** A rule that a call names. */
export interface Rule {
  atom: Atom
  /** sgr-..., where the call or its answer says it. */
  id: string | null
}

/** A security group with what of it is known. */
export interface Group {
  call: CloudCall
  mappings: Mappings
  direction: Direction
  target: Target
  rules: Rule[]
  /** Ids by which the call names rules of which neither it nor the state says what they open. */
  untold: string[]
  /** Rows of the rule types of this group and direction, those of the newer type first. */
  children: StateRow[]
  /** Rows of the group. */
  rows: StateRow[]
  /** Those of them that hold rules of this direction inline. */
  inline: StateRow[]
}

export const groupTypes = ['aws_security_group', 'aws_default_security_group']

/** The security group of a call, for one direction: what to look up, and then what is known of it. */
export function groupOfCall(
  call: CloudCall,
  direction: Direction,
  context: DetectContext,
): { keys: string[]; read(rows: Rows): Group } | null {
  const id = valuesOf(call, {})[0]!.text('groupId') ?? groupOfAnswer(call)
  if (id === null) return null
  const targets = groupTypes.map((type) => target(call, context, type, id))
  const { scope } = targets[0]!
  const ruleType = ruleTypeOf(direction)
  const rules = rulesOf(call, id)
  const ids = requestIds(call.request).filter((ruleId) => !rules.some((rule) => rule.id === ruleId))
  const childKeys = [
    parentKey(ruleType, id),
    parentKey('aws_security_group_rule', id),
    ...rules.flatMap((rule) => (rule.id ? [nameKey(ruleType, rule.id)] : [])),
  ]
  return { keys: [...targets.flatMap(({ keys }) => keys), ...childKeys], read }

  function read(rows: Rows): Group {
    const found = childKeys.flatMap((key) => rows(key))
    const children = scoped(found, scope, false, context.trace)
      .filter((row) => isRuleOf(row, direction))
      .sort((a, b) => Number(b.type === ruleType) - Number(a.type === ruleType))
    const holders = targets.map((one) => {
      const current = one.find(rows).filter(({ deposedKey }) => deposedKey === null)
      return { one, current, inline: current.filter((row) => holdsAny(row, direction)) }
    })
    const { one, current, inline } =
      holders.find((holder) => holder.inline.length > 0) ??
      holders.find((holder) => holder.current.length > 0) ??
      holders[0]!
    const told = rulesOfIds(ids, children, one.id)
    return {
      call,
      mappings: context.mappings,
      direction,
      target: one,
      rules: [...rules, ...told],
      untold: ids.filter((ruleId) => !told.some((rule) => rule.id === ruleId)),
      children,
      rows: current,
      inline: children.length > 0 ? [] : inline,
    }
  }
}

function isRuleOf({ deposedKey, type, attributes }: StateRow, direction: Direction): boolean {
  return deposedKey === null && (type !== 'aws_security_group_rule' || attributes.type === direction)
}

function holdsAny(row: StateRow, direction: Direction): boolean {
  return canonical(readPath(row.attributes, direction)) !== null
}

function groupOfAnswer(call: CloudCall): string | null {
  const values = valuesOf(call, {})[0]!
  return (
    values.text('response.securityGroupRuleSet[0].groupId') ??
    values.text('response.revokedSecurityGroupRuleSet[0].groupId')
  )
}

function rulesOf(call: CloudCall, group: string): Rule[] {
  const answered = [call.response.securityGroupRuleSet, call.response.revokedSecurityGroupRuleSet].flatMap(
    (list) => responseRules(list, group),
  )
  const requested = requestAtoms(call.request, group)
  if (requested.length === 0) return answered
  const ids = new Map(answered.map(({ id, atom }) => [atomText(atom), id]))
  return requested.map((atom) => ({ atom, id: ids.get(atomText(atom)) ?? null }))
}

/** Rules that a call names by their ids, and older answers do not tell: what they open, only the state can say. */
function rulesOfIds(ids: readonly string[], children: readonly StateRow[], group: string): Rule[] {
  return ids.flatMap((id) => {
    const row = children.find(({ attributes }) => attributes.security_group_rule_id === id)
    return row ? rowAtoms(row, group).map((atom) => ({ atom, id })) : []
  })
}

/** The rule resource that holds a rule: of several, one of the newer type. */
export function ownerOf(
  { children, target: { id: group } }: Group,
  { atom, id }: Rule,
): StateRow | undefined {
  return children.find(
    (row) =>
      (id && row.attributes.security_group_rule_id === id) ||
      rowAtoms(row, group).some((one) => atomText(one) === atomText(atom)),
  )
}
