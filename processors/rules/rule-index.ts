import type { Kept } from '../kept-actor.ts'
import { rootOf } from './attribute-pattern.ts'
import type { CompiledRule } from './compile.ts'
import { fewest, rootsOf } from './condition.ts'
import { isNamePattern, nameTest } from './name-pattern.ts'
import type { Subject } from './subject.ts'

export interface RuleIndex {
  /** The rules for resources of a type, null for those of signals. */
  ofType(resourceType: string | null): readonly CompiledRule[]
  /** Those of them that may match: rules of other events, or that need a change of other attributes, cost nothing. */
  candidates(subject: Subject): readonly CompiledRule[]
}

/**
 * A pattern is expanded when a type is first asked for; types come from the mapping tables, so what is kept stays
 * small. `byType` is what keeps it, for these rules alone.
 */
export function indexRules(
  rules: readonly CompiledRule[],
  byType: Kept<TypeIndex> = new Map<string, TypeIndex>(),
): RuleIndex {
  const tests = rules.map(({ rule }) => covers(rule.resource_types))

  function indexOf(resourceType: string | null): TypeIndex {
    const key = resourceType ?? ''
    let found = byType.get(key)
    if (!found) {
      found = indexType(
        rules.filter((_, position) => tests[position]!(resourceType)),
        resourceType,
      )
      byType.set(key, found)
    }
    return found
  }

  return {
    ofType: (resourceType) => indexOf(resourceType).rules,
    candidates: (subject) => candidatesIn(indexOf(subject.finding.resource?.type ?? null), subject),
  }
}

/** What is known of the rules of one type. */
export interface TypeIndex {
  rules: readonly CompiledRule[]
  /** By what must have happened; a rule stands in one of the maps, or in `others`. */
  byEvent: Map<string, CompiledRule[]>
  byRoot: Map<string, CompiledRule[]>
  others: CompiledRule[]
}

function indexType(rules: readonly CompiledRule[], type: string | null): TypeIndex {
  const index: TypeIndex = { rules, byEvent: new Map(), byRoot: new Map(), others: [] }
  for (const one of rules) {
    const { events, conditions } = one.rule
    const names = events?.some(isNamePattern) ? undefined : events
    const roots = names ? null : fewest(conditions.map((one) => rootsOf(one, type)))
    for (const name of names ?? []) put(index.byEvent, name, one)
    for (const root of new Set(roots)) put(index.byRoot, root, one)
    if (!names && !roots) index.others.push(one)
  }
  return index
}

function put(map: Map<string, CompiledRule[]>, key: string, rule: CompiledRule): void {
  const there = map.get(key)
  if (there) there.push(rule)
  else map.set(key, [rule])
}

function candidatesIn({ byEvent, byRoot, others }: TypeIndex, subject: Subject): readonly CompiledRule[] {
  const found = new Set(others)
  const take = (rules: CompiledRule[] | undefined) => {
    for (const one of rules ?? []) found.add(one)
  }
  if (byEvent.size > 0) {
    const { name, sourceEvent } = subject.finding.call
    take(byEvent.get(name))
    take(byEvent.get(sourceEvent.name))
  }
  if (byRoot.size > 0) {
    for (const { names } of subject.changes) for (const name of names) take(byRoot.get(rootOf(name) ?? ''))
  }
  return [...found]
}

function covers(resourceTypes: readonly string[] | undefined): (resourceType: string | null) => boolean {
  if (!resourceTypes) return (resourceType) => resourceType === null
  const exact = new Set(resourceTypes.filter((one) => !isNamePattern(one)))
  const patterns = resourceTypes.filter(isNamePattern).map(nameTest)
  return (resourceType) =>
    resourceType !== null && (exact.has(resourceType) || patterns.some((matches) => matches(resourceType)))
}
