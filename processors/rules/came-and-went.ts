import { canonicalText } from '../compare/canonical.ts'
import type { Json } from '../finding.ts'
import type { Change } from './operator.ts'

/** What is there after a change and was not before: of lists the elements, else a value where there was none. */
export function cameBy({ before, after }: Pick<Change, 'before' | 'after'>): Json[] {
  if (before === undefined || after === undefined) return []
  if (!Array.isArray(before) && !Array.isArray(after)) return isSet(before) || !isSet(after) ? [] : [after]
  const known = new Set(elementsOf(before).map(canonicalText))
  return elementsOf(after).filter((one) => !known.has(canonicalText(one)))
}

/** The other way round. */
export function wentBy({ before, after }: Pick<Change, 'before' | 'after'>): Json[] {
  return cameBy({ before: after, after: before })
}

function elementsOf(value: Json): Json[] {
  if (Array.isArray(value)) return value
  return isSet(value) ? [value] : []
}

function isSet(value: Json): boolean {
  return canonicalText(value) !== 'null'
}
