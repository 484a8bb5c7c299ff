import type { EffectOf } from '../../mappings/format.ts'
import type { CloudCall, StateRow } from '../finding.ts'
import { folded, keysOf, parentKey } from '../identity.ts'
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

/** The call lists all children of a parent: those that states hold beside them are gone. */
export function removeUnlisted(
  call: CloudCall,
  effect: EffectOf<'remove'> & { rest: string },
  context: DetectContext,
): Step[] {
  const { remove: type, each, rest, when } = effect
  const [whole] = valuesOf(call, { when })
  const parent = whole?.text(rest) ?? null
  if (parent === null) return []
  const listed = valuesOf(call, { each }).flatMap((values) => {
    const id = values.text(effect.id)
    return id === null ? [] : target(call, context, type, id).keys
  })
  const { global, anyCase } = context.mappings.type(type)
  const { scope } = target(call, context, type, parent)
  const keys = [parentKey(type, folded(parent, anyCase))]
  return [{ keys, judge }]

  function judge(rows: Rows): Draft[] {
    const held = scoped(rows(keys[0]!), scope, global, context.trace)
    const gone = held.filter((row) => row.deposedKey === null && !isListed(keysOf(row, context.mappings)))
    return [...new Set(gone.map(({ id }) => id))].map((id) => ({
      type: 'resource_deleted',
      resourceType: type,
      id,
      scope,
      ...one(gone.filter((row) => row.id === id)),
      comparisons: [wholeResource(true)],
      compared: true,
      reason: null,
      revert: effect.revert,
    }))
  }

  function one(rows: readonly StateRow[]): Pick<Draft, 'row' | 'others'> {
    return { row: rows[0] ?? null, others: rows.slice(1) }
  }

  function isListed(names: readonly string[]): boolean {
    return names.some((name) => listed.includes(name))
  }
}
