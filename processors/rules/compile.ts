import { priorities } from '../../schemas/priorities.ts'
import type { Severity } from '../../schemas/types.ts'
import { glob } from '../glob.ts'
import { compileCondition } from './condition.ts'
import type { Condition } from './condition-schema.ts'
import { compileExpression } from './expression/compile-expression.ts'
import { compileFilters } from './filters.ts'
import { nameTest } from './name-pattern.ts'
import type { Filter, Rule } from './schema.ts'
import type { Subject } from './subject.ts'

export interface CompiledRule {
  rule: Rule
  /** Of a rule that looks at several events: that rule, and which of its steps this is. */
  counts?: { rule: Rule; version: string; step: number }
  /** The severity with which the rule matches, or why it does not. */
  judge(subject: Subject): Severity | Miss
}

/** The first thing by which a finding misses a rule. */
export interface Miss {
  by: 'types' | 'not compared' | 'events' | 'signal' | 'condition' | 'expression' | 'filter'
  condition?: Condition
  /** Why the rule's expression could not be evaluated: no match, but worth telling. */
  error?: string
  filter?: Filter
}

const miss: Record<Exclude<Miss['by'], 'condition' | 'filter'>, Miss> = {
  types: { by: 'types' },
  'not compared': { by: 'not compared' },
  events: { by: 'events' },
  signal: { by: 'signal' },
  expression: { by: 'expression' },
}

/** Prepares all that a rule needs, so that matching a finding builds no pattern and reads no YAML. */
export function compileRule(rule: Rule): CompiledRule {
  const types = rule.types ?? ['attribute_drift']
  const namesEvent = rule.events ? compileEvents(rule.events) : null
  const fitsSignal = compileSignal(rule)
  const conditions = rule.conditions.map((condition) => ({
    miss: { by: 'condition' as const, condition },
    holds: compileCondition(condition),
  }))
  const expression = rule.expression === undefined ? null : compileExpression(rule.expression)
  const filter = compileFilters(rule.filters)

  return { rule, judge }

  function judge(subject: Subject): Severity | Miss {
    const { finding } = subject
    if (!(types as string[]).includes(finding.type)) return miss.types
    // A change that was not compared says nothing of attributes: only a rule that names the event may judge it.
    if (!namesEvent && !finding.compared && finding.type === 'attribute_drift') return miss['not compared']
    if (namesEvent && !namesEvent(finding)) return miss.events
    if (!fitsSignal(finding)) return miss.signal
    const missed = conditions.find(({ holds }) => !holds(subject))
    if (missed) return missed.miss
    const holds = expression ? expression(subject) : true
    if (holds !== true) return holds ? { by: 'expression', error: holds.error } : miss.expression
    const decided = filter(finding.call)
    if (decided === null) return rule.severity
    return decided.verdict === 'skip' ? { by: 'filter', filter: decided.filter } : decided.verdict
  }
}

/** An event is named by its plain name or as the cloud writes it (UpdateFunctionCode20150331v2). */
function compileEvents(events: readonly string[]): (finding: Subject['finding']) => boolean {
  const tests = events.map(nameTest)
  return ({ call }) => tests.some((test) => test(call.name) || test(call.sourceEvent.name))
}

/** `tags`: a signal has one of them; `priority`: its own is that or more urgent. */
function compileSignal({ tags, priority }: Rule): (finding: Subject['finding']) => boolean {
  const tests = tags?.map(glob)
  const least = priority ? priorities.indexOf(priority) : priorities.length
  return ({ signal }) => {
    if (!signal) return true
    if (tests && !signal.tags.some((tag) => tests.some((test) => test(tag)))) return false
    return priorities.indexOf(signal.priority) <= least
  }
}
