import { canonicalText } from '../compare/canonical.ts'
import type { Json } from '../finding.ts'

/**
 * Does a value of the state or of an event mean what the rule says? true and "true" are one value, as are 512 and
 * "512"; a flag or count that is absent means false or 0. A value that is not known (undefined) never does.
 */
export function sameValue(actual: Json | undefined, expected: Json): boolean {
  if (actual === undefined) return false
  if (actual === null && (expected === false || expected === 0)) return true
  return canonicalText(actual) === canonicalText(expected)
}
