import type { AttributeDiff, ChangeType, Verdict } from '../../schemas/types.ts'
import { canonicalText } from '../compare/canonical.ts'
import type { Comparison } from '../compare/compare.ts'
import type { CloudCall, Finding, Json, Occurrence, StateRow } from '../finding.ts'
import { sha256 } from '../hash.ts'
import { resourceKey } from '../identity.ts'
import { revertCommand } from './revert.ts'
import type { Draft } from './step.ts'

/** Gives a verdict its ids, and puts the comparisons of one attribute together into one diff. */
export function toFinding(call: CloudCall, draft: Draft): Finding {
  const { row, scope } = draft
  const key = resourceKey(call, scope, draft.resourceType, draft.id)
  const diffs = diffsOf(draft.comparisons)
  return {
    id: sha256(`${call.eventId}|${key}`),
    driftId: sha256(key),
    resourceKey: key,
    parentDriftIds: (draft.parents ?? []).map(({ type, id, scope: within }) =>
      sha256(resourceKey(call, within, type, id)),
    ),
    type: draft.type,
    compared: draft.compared,
    diffs,
    verdicts: verdictsOf(call, draft.comparisons),
    resource: {
      address: row?.address ?? null,
      type: draft.resourceType,
      name: row?.name ?? null,
      id: draft.id,
      arn: row?.arn ?? null,
      provider: call.provider,
      account: scope.account,
      region: scope.region,
      state: row && { source: row.source, lineage: row.lineage, serial: row.serial },
      alsoManagedBy: draft.others.map(fullAddress),
    },
    row,
    ...(row === null && { made: { ...draft.made, id: draft.id } }),
    call: occurrenceOf(call),
    signal: null,
    apiNames: apiNamesOf(draft.comparisons),
    revertCommand: revertCommand(draft),
  }
}

/** What happened, without what was asked and answered: findings are kept, and those are large. */
function occurrenceOf({ request: _, response: __, listed: ___, ...occurrence }: CloudCall): Occurrence {
  return occurrence
}

/** One for each slot: of several comparisons of it, one that differs decides. */
function verdictsOf(call: CloudCall, comparisons: readonly Comparison[]): Verdict[] {
  const { time } = call.sourceEvent
  const bySlot = new Map<string, Verdict>()
  for (const { slot, equal } of comparisons) {
    const differs = !equal || bySlot.get(slot)?.differs === true
    bySlot.set(slot, { slot, time, eventId: call.eventId, differs })
  }
  return [...bySlot.values()]
}

function fullAddress(row: StateRow): string {
  return `${row.source}: ${row.address}`
}

function diffsOf(comparisons: readonly Comparison[]): AttributeDiff[] {
  const byAttribute = new Map<string, Comparison[]>()
  for (const one of comparisons) {
    if (one.equal || one.attribute === '') continue
    byAttribute.set(one.attribute, [...(byAttribute.get(one.attribute) ?? []), one])
  }
  return [...byAttribute]
    .map(([attribute, list]) => {
      const oldValue = together(list.map((one) => one.oldValue))
      const newValue = together(list.map((one) => one.newValue))
      const sensitive = list.some((one) => one.sensitive)
      return {
        attribute,
        oldValue: sensitive || oldValue === undefined ? null : JSON.stringify(oldValue),
        newValue: sensitive || newValue === undefined ? null : JSON.stringify(newValue),
        changeType: sensitive ? ('modified' as const) : changeType(oldValue, newValue),
        sensitive,
      }
    })
    .sort((a, b) => (a.attribute < b.attribute ? -1 : 1))
}

/** Several comparisons of one attribute are of elements of a set. */
function together(values: readonly (Json | undefined)[]): Json | undefined {
  if (values.length === 1) return values[0]
  const elements = values.flatMap((value) =>
    Array.isArray(value) ? value : value === undefined ? [] : [value],
  )
  return elements.length > 0
    ? elements.sort((a, b) => (canonicalText(a) < canonicalText(b) ? -1 : 1))
    : undefined
}

function changeType(oldValue: Json | undefined, newValue: Json | undefined): ChangeType {
  if (oldValue === undefined || oldValue === null) return 'added'
  return newValue === undefined || newValue === null ? 'removed' : 'modified'
}

function apiNamesOf(comparisons: readonly Comparison[]): Record<string, string[]> {
  const result: Record<string, string[]> = {}
  for (const { attribute, apiName } of comparisons) {
    if (attribute !== '' && apiName !== '')
      result[attribute] = [...new Set([...(result[attribute] ?? []), apiName])]
  }
  return result
}
