import type { EffectOf } from '../../mappings/format.ts'
import type { CloudCall, StateRow } from '../finding.ts'
import { madeRule } from './made.ts'
import { atomText, type Direction } from './security-group-atoms.ts'
import {
  childDraft,
  inlineDraft,
  peersRemoved,
  permissionCommand,
  unheldDraft,
  untoldDraft,
} from './security-group-drafts.ts'
import { type Group, groupOfCall, ownerOf, type Rule } from './security-group-of-call.ts'
import { rowAtoms } from './security-group-row-atoms.ts'
import { type DetectContext, type Draft, type Step, wholeResource } from './step.ts'

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
  const group = groupOfCall(call, direction, context)
  return group ? [{ keys: group.keys, judge: (rows) => verdicts(group.read(rows)) }] : []
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
      made: madeRule(group.target.id, rule.atom),
      revertCommand: permissionCommand('revoke', group, [rule.atom]),
    }),
  )
  return [...held, ...unmanaged]
}

function revoked(group: Group): Draft[] {
  const { rules, inline, untold } = group
  const untoldInline = inline.length > 0 && untold.length > 0 ? [untoldDraft(group)] : []
  if (inline.length > 0 && rules.length > 0) return [inlineDraft(group, rules, false), ...untoldInline]
  const lost = new Map<StateRow, Rule[]>()
  const unheld: Draft[] = []
  for (const rule of rules) {
    const row = ownerOf(group, rule)
    if (row) lost.set(row, [...(lost.get(row) ?? []), rule])
    else
      unheld.push({ ...unheldDraft(group, rule), comparisons: [wholeResource(false)], reason: 'unmanaged' })
  }
  return [...[...lost].map(([row, gone]) => lostDraft(group, row, gone)), ...unheld, ...untoldInline]
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
