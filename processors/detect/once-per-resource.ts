import type { Comparison } from '../compare/compare.ts'
import type { CloudCall } from '../finding.ts'
import { resourceKey } from '../identity.ts'
import type { Draft } from './step.ts'

/**
 * One event and one resource make one finding, also where a call touches the resource twice: the verdicts on it become
 * one, with the comparisons of all.
 */
export function oncePerResource(call: CloudCall, drafts: readonly Draft[]): Draft[] {
  if (drafts.length < 2) return [...drafts]
  const groups = new Map<string, Draft[]>()
  for (const draft of drafts) {
    const key = resourceKey(call, draft.scope, draft.resourceType, draft.id)
    groups.set(key, [...(groups.get(key) ?? []), draft])
  }
  return [...groups.values()].map((group) => (group.length === 1 ? group[0]! : together(group)))
}

/** What the first alert among them says of the resource counts; of one slot, that which differs. */
function together(drafts: Draft[]): Draft {
  const alerts = drafts.filter(({ reason }) => reason === null)
  const chosen = alerts[0] ?? drafts[0]!
  const same = drafts.filter(({ type }) => type === chosen.type)
  const bySlot = new Map<string, Comparison>()
  for (const one of same.flatMap(({ comparisons }) => comparisons)) {
    // Of a list of blocks several parts may differ in one slot.
    const key = `${one.slot}\0${one.attribute}`
    const known = bySlot.get(key)
    if (!known || (known.equal && !one.equal)) bySlot.set(key, one)
  }
  return {
    ...chosen,
    comparisons: [...bySlot.values()],
    compared: alerts.length === 0 || alerts.some(({ compared }) => compared),
  }
}
