import type { EffectOf } from '../../mappings/format.ts'
import { canonical } from '../compare/canonical.ts'
import type { CloudCall, StateRow } from '../finding.ts'
import { nameKey, parentKey } from '../identity.ts'
import { readPath } from '../paths.ts'
import {
  atomText,
  type Direction,
  requestAtoms,
  requestIds,
  responseRules,
  rowAtoms,
} from './security-group-atoms.ts'
import {
  childDraft,
  type Group,
  holds,
  inlineDraft,
  peersRemoved,
  permissionCommand,
  type Rule,
  ruleTypeOf,
  unheldDraft,
} from './security-group-drafts.ts'
import {
  type DetectContext,
  type Draft,
  type Rows,
  type Step,
  scoped,
  target,
  wholeResource,
} from './step.ts'
import { valuesOf } from './values.ts'

/**
 * Rules of a security group, which Terraform holds in four shapes: as a rule resource (by its id, or containing the
 * rule), inline in the group, or not at all. Each rule of the call is reported once, by the first shape that holds it.
 */
export function authorize(call: CloudCall, effect: EffectOf<'authorize'>, context: DetectContext): Step[] {
  return groupSteps(call, effect.authorize, context, authorized)
}

export function revoke(call: CloudCall, effect: EffectOf<'revoke'>, context: DetectContext): Step[] {
  return groupSteps(call, effect.revoke, context, revoked)
}

function groupSteps(
  call: CloudCall,
  direction: Direction,
  context: DetectContext,
  verdicts: (group: Group) => Draft[],
): Step[] {
  const id = valuesOf(call, {})[0]!.text('groupId') ?? groupOfAnswer(call)
  if (id === null) return []
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
  return [{ keys: [...targets.flatMap(({ keys }) => keys), ...childKeys], judge }]

  function judge(rows: Rows): Draft[] {
    const found = childKeys.flatMap((key) => rows(key))
    const children = scoped(found, scope, false, context.trace)
      .filter((row) => isRuleOf(row, direction))
      .sort((a, b) => Number(b.type === ruleType) - Number(a.type === ruleType))
    const holders = targets.map((one) => ({
      one,
      inline: one.find(rows).filter((row) => holdsAny(row, direction)),
    }))
    const { one, inline } = holders.find((holder) => holder.inline.length > 0) ?? {
      one: targets[0]!,
      inline: [],
    }
    return verdicts({
      call,
      direction,
      target: one,
      rules: [...rules, ...rulesOfIds(ids, children, one.id)],
      children,
      inline: children.length > 0 ? [] : inline,
    })
  }
}

export const groupTypes = ['aws_security_group', 'aws_default_security_group']

function isRuleOf({ deposedKey, type, attributes }: StateRow, direction: Direction): boolean {
  return deposedKey === null && (type !== 'aws_security_group_rule' || attributes.type === direction)
}

function holdsAny(row: StateRow, direction: Direction): boolean {
  return row.deposedKey === null && canonical(readPath(row.attributes, direction)) !== null
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
function ownerOf({ children, target }: Group, { atom, id }: Rule): StateRow | undefined {
  return children.find(
    (row) => (id && row.attributes.security_group_rule_id === id) || holds(row, atom, target.id),
  )
}

function authorized(group: Group): Draft[] {
  const { rules, inline } = group
  const held = rules.flatMap((rule) => {
    const row = ownerOf(group, rule)
    return row
      ? [{ ...childDraft(group, row), comparisons: [wholeResource(false)], reason: 'as-declared' as const }]
      : []
  })
  const rest = rules.filter((rule) => !ownerOf(group, rule))
  if (rest.length === 0) return held
  if (inline.length > 0) return [...held, inlineDraft(group, rest, true)]
  if (group.call.actor.tool === 'service') {
    return [
      ...held,
      ...rest.map((rule) => ({ ...unheldDraft(group, rule), reason: 'service-created' as const })),
    ]
  }
  const unmanaged = rest.map(
    (rule): Draft => ({
      ...unheldDraft(group, rule),
      type: 'unmanaged_resource',
      comparisons: [wholeResource(true)],
      revertCommand: permissionCommand('revoke', group, [rule.atom]),
    }),
  )
  return [...held, ...unmanaged]
}

function revoked(group: Group): Draft[] {
  const { rules, inline } = group
  if (inline.length > 0 && rules.length > 0) return [inlineDraft(group, rules, false)]
  const lost = new Map<StateRow, Rule[]>()
  const unheld: Draft[] = []
  for (const rule of rules) {
    const row = ownerOf(group, rule)
    if (row) lost.set(row, [...(lost.get(row) ?? []), rule])
    else
      unheld.push({ ...unheldDraft(group, rule), comparisons: [wholeResource(false)], reason: 'unmanaged' })
  }
  return [...[...lost].map(([row, gone]) => lostDraft(group, row, gone)), ...unheld]
}

/** A rule resource that some of its rules were taken from: by its id, or if none is left, it is gone. */
function lostDraft(group: Group, row: StateRow, gone: readonly Rule[]): Draft {
  const atoms = rowAtoms(row, group.target.id)
  const texts = new Set(gone.map(({ atom }) => atomText(atom)))
  const removed = atoms.filter((atom) => texts.has(atomText(atom)))
  const byId = gone.some(({ id }) => id !== null && row.attributes.security_group_rule_id === id)
  const draft = childDraft(group, row)
  if (!byId && removed.length < atoms.length) return { ...draft, comparisons: peersRemoved(removed) }
  return {
    ...draft,
    type: 'resource_deleted',
    comparisons: [wholeResource(true)],
    revertCommand: permissionCommand('authorize', group, atoms),
  }
}
