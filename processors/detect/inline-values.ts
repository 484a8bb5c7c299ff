import type { EffectOf } from '../../mappings/format.ts'
import type { CloudCall } from '../finding.ts'
import { assignments, compareRow } from './attributes.ts'
import type { Child, InlineParent } from './inline-child.ts'
import { mostDifferent } from './most-different.ts'
import { type Draft, notCompared } from './step.ts'
import { unknownParameters } from './unknown-parameters.ts'

/** The child was written, and stands in several attributes of the resource that holds it: each is compared. */
export function putInlineValues(
  call: CloudCall,
  child: Child,
  { where, target, rows }: InlineParent,
  effect: EffectOf<'put'>,
): Draft {
  const sets = where.sets!
  const list = assignments(sets, child.values)
  const { row, others, comparisons } = mostDifferent(rows, (candidate) =>
    compareRow(candidate, list, child.context),
  )
  const { scope, type } = target
  const base = { ...child.base, resourceType: type, id: row.id || target.id, scope, row, others }
  if (comparisons.some(({ equal }) => !equal)) return { ...base, comparisons }
  if (comparisons.length === 0 || unknownParameters({ ...effect, ...sets }, call.request).length > 0)
    return { ...base, comparisons: [...comparisons, notCompared(call)], compared: false }
  return { ...base, comparisons, reason: 'as-declared' }
}
