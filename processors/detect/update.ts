import type { EffectOf } from '../../mappings/format.ts'
import { isServicesOwnRole } from '../actor.ts'
import { canonical } from '../compare/canonical.ts'
import type { CloudCall, StateRow } from '../finding.ts'
import { folded, parentKey } from '../identity.ts'
import { readPath } from '../paths.ts'
import { assignments, compareRow } from './attributes.ts'
import { compareHeld } from './inline-child.ts'
import { mostDifferent } from './most-different.ts'
import {
  type DetectContext,
  type Draft,
  notCompared,
  type Rows,
  type Step,
  target,
  wholeResource,
} from './step.ts'
import { hasUnknownParameters } from './unknown-parameters.ts'
import { type Values, valuesOf } from './values.ts'

/** The call sets attributes of a resource that exists. */
export function update(call: CloudCall, effect: EffectOf<'update'>, context: DetectContext): Step[] {
  return valuesOf(call, effect).flatMap((values) => {
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
  const { holds } = effect
  const siblings = holds ? [parentKey(holds.type, folded(id, context.mappings.type(type).anyCase))] : []
  return { keys: [...resource.keys, ...siblings], judge }

  function judge(rows: Rows): Draft[] {
    const found = resource.find(rows).filter((row) => row.deposedKey === null)
    const base = { resourceType: type, named: id, scope: resource.scope, revert: effect.revert }
    if (found.length === 0) return [unheld({ ...base, id })]
    const list = assignments(effect, values).filter(({ attribute }) => !isMovedByService(attribute))
    const held = (row: StateRow) => (holds && holdsInline(row, rows) ? [holds] : [])
    const { row, others, comparisons } = mostDifferent(found, (one) => [
      ...compareRow(one, list, context),
      ...held(one).flatMap((where) => compareHeld(one, call, where, context)),
    ])
    const drift = { ...base, type: 'attribute_drift' as const, id: row.id || id, row, others }
    if (comparisons.some((one) => !one.equal))
      return [{ ...drift, comparisons, compared: true, reason: null }]
    const lists = held(row).map(({ list: compared }) => compared)
    if (hasUnknownParameters(effect, call.request, lists)) {
      return [{ ...drift, comparisons: [...comparisons, notCompared(call)], compared: false, reason: null }]
    }
    return [
      { ...drift, comparisons, compared: true, reason: comparisons.length > 0 ? 'as-declared' : 'no-effect' },
    ]
  }

  function isMovedByService(attribute: string): boolean {
    return isServicesOwnRole(call.actor) && context.mappings.type(type).movedByService.includes(attribute)
  }

  /** The call tells all children, the row has some in its attribute, and none is known to stand on its own. */
  function holdsInline(row: StateRow, rows: Rows): boolean {
    if (!holds || values.read(holds.list) === undefined) return false
    const inline = canonical(readPath(row.attributes, holds.attribute)) !== null
    return inline && siblings.every((key) => rows(key).length === 0)
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
