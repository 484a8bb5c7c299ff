import type { EffectOf } from '../../mappings/format.ts'
import type { CloudCall } from '../finding.ts'
import { madeByUpdate } from './made.ts'
import { type DetectContext, type Draft, type Rows, type Step, target, wholeResource } from './step.ts'
import { type Extent, valuesOf } from './values.ts'

/** The call creates resources: those that no state holds are unmanaged. */
export function create(call: CloudCall, effect: EffectOf<'create'>, context: DetectContext): Step[] {
  return eachResource(call, context, effect.create, effect, (found, base) => {
    if (found.length > 0) {
      return {
        ...base,
        row: found[0]!,
        others: found.slice(1),
        comparisons: [wholeResource(false)],
        reason: 'as-declared',
      }
    }
    const byService = call.actor.tool === 'service'
    const comparisons = byService ? [] : [wholeResource(true)]
    return {
      ...base,
      type: 'unmanaged_resource',
      comparisons,
      made: madeByUpdate(call, base.resourceType, base.id, context),
      reason: byService ? 'service-created' : null,
    }
  })
}

/** The call deletes resources: those that a state holds are gone. */
export function remove(call: CloudCall, effect: EffectOf<'delete'>, context: DetectContext): Step[] {
  return eachResource(call, context, effect.delete, effect, (found, base) => {
    const current = found.filter((row) => row.deposedKey === null)
    const [row, ...others] = current
    if (row) {
      return {
        ...base,
        type: 'resource_deleted',
        id: row.id || base.id,
        row,
        others,
        comparisons: [wholeResource(true)],
      }
    }
    // Terraform itself waits for a deposed instance to go; an unmanaged one that goes is no longer one.
    return {
      ...base,
      comparisons: [wholeResource(false)],
      reason: found.length > 0 ? 'as-declared' : 'unmanaged',
    }
  })
}

/** The call takes a deletion back: what a state holds is as the state says. */
export function restore(call: CloudCall, effect: EffectOf<'restore'>, context: DetectContext): Step[] {
  return eachResource(call, context, effect.restore, effect, ([row, ...others], base) =>
    row
      ? {
          ...base,
          row,
          others,
          id: row.id || base.id,
          comparisons: [wholeResource(false)],
          reason: 'as-declared',
        }
      : { ...base, reason: 'unmanaged' },
  )
}

function eachResource(
  call: CloudCall,
  context: DetectContext,
  types: string[],
  extent: Extent & { id: string; unless?: string | undefined },
  verdict: (found: ReturnType<ReturnType<typeof target>['find']>, base: Draft) => Draft,
): Step[] {
  return valuesOf(call, extent).flatMap((values) => {
    const id = values.text(extent.id)
    const spared = extent.unless === undefined ? [] : [values.read(extent.unless) ?? []].flat()
    if (id === null || spared.includes(id)) return []
    const targets = types.map((type) => target(call, context, type, id))
    return [{ keys: targets.flatMap(({ keys }) => keys), judge }]

    function judge(rows: Rows): Draft[] {
      const held = targets
        .map((one) => ({ one, found: one.find(rows) }))
        .find(({ found }) => found.length > 0)
      const { one, found } = held ?? { one: targets[0]!, found: [] }
      const base: Draft = {
        type: 'attribute_drift',
        resourceType: one.type,
        id: one.id,
        scope: one.scope,
        row: null,
        others: [],
        comparisons: [],
        compared: true,
        reason: null,
      }
      return [verdict(found, base)]
    }
  })
}
