import { glob, isGlob } from '../glob.ts'
import type { CompiledRule } from './compile.ts'

/**
 * Rules by resource type, null for those of signals: rules of other types cost nothing. A pattern is expanded when a
 * type is first asked for; types come from the mapping tables, so the cache stays small.
 */
export function indexRules(
  rules: readonly CompiledRule[],
): (resourceType: string | null) => readonly CompiledRule[] {
  const byType = new Map<string | null, readonly CompiledRule[]>()
  const tests = rules.map(({ rule }) => covers(rule.resource_types))

  return function rulesFor(resourceType) {
    let found = byType.get(resourceType)
    if (!found) {
      found = rules.filter((_, position) => tests[position]!(resourceType))
      byType.set(resourceType, found)
    }
    return found
  }
}

function covers(resourceTypes: readonly string[] | undefined): (resourceType: string | null) => boolean {
  if (!resourceTypes) return (resourceType) => resourceType === null
  const exact = new Set(resourceTypes.filter((one) => !isGlob(one)))
  const patterns = resourceTypes.filter(isGlob).map(glob)
  return (resourceType) =>
    resourceType !== null && (exact.has(resourceType) || patterns.some((matches) => matches(resourceType)))
}
