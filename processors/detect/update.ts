import type { EffectOf } from '../../mappings/format.ts'
import type { CloudCall, StateRow } from '../finding.ts'
import { assignments, compareRow, hasUnknownParameters } from './attributes.ts'
import { type DetectContext, type Draft, type Rows, type Step, target, wholeResource } from './step.ts'
import { type Values, valuesOf } from './values.ts'

/** The call sets attributes of a resource that exists. */
export function update(call: CloudCall, effect: EffectOf<'update'>, context: DetectContext): Step[] {
  return valuesOf(call, effect.each).flatMap((values) => {
    const id = values.text(effect.id)
    return id === null ? [] : effect.update.map((type) => updateStep(call, effect, context, values, type, id))
  })
}

function updateStep(
  call: CloudCall,
  effect: EffectOf<'update'>,
  context: DetectContext,
  values: Values,
  type: string,
  id: string,
): Step {
  const resource = target(call, context, type, id)
  return { keys: resource.keys, judge }

  function judge(rows: Rows): Draft[] {
    const found = resource.find(rows).filter((row) => row.deposedKey === null)
    const base = { resourceType: type, named: id, scope: resource.scope, revert: effect.revert }
    if (found.length === 0) return [unheld({ ...base, id })]
    const list = assignments(effect, values)
    const best = mostDifferent(found, (row) => compareRow(row, list, context))
    const { row, others, comparisons } = best
    const held = { ...base, type: 'attribute_drift' as const, id: row.id || id, row, others }
    if (comparisons.some((one) => !one.equal)) return [{ ...held, comparisons, compared: true, reason: null }]
    if (hasUnknownParameters(effect, call.request)) {
      return [{ ...held, comparisons: [...comparisons, notCompared(call)], compared: false, reason: null }]
    }
    return [
      { ...held, comparisons, compared: true, reason: comparisons.length > 0 ? 'as-declared' : 'no-effect' },
    ]
  }

  function unheld(base: Pick<Draft, 'resourceType' | 'named' | 'scope' | 'id' | 'revert'>): Draft {
    const reported = context.unmanagedAny
    return {
      ...base,
      type: 'unmanaged_resource',
      row: null,
      others: [],
      comparisons: reported ? [wholeResource(true)] : [],
      compared: true,
      reason: reported ? null : 'unmanaged',
    }
  }
}

/** Of several rows that hold one resource, the first that differs speaks; the others are named. */
export function mostDifferent<C extends { equal: boolean }>(
  rows: readonly StateRow[],
  compareWith: (row: StateRow) => C[],
): { row: StateRow; others: StateRow[]; comparisons: C[] } {
  const all = rows.map((row) => ({ row, comparisons: compareWith(row) }))
  const chosen = all.find(({ comparisons }) => comparisons.some((one) => !one.equal)) ?? all[0]!
  const { row, comparisons } = chosen
  return { row, comparisons, others: rows.filter((other) => other !== row) }
}

/** The call changed something here that is not compared. */
export function notCompared(call: CloudCall) {
  return {
    attribute: '',
    slot: `call:${call.name}`,
    equal: false,
    law: 'not compared',
    sensitive: false,
    apiName: '',
  }
}
