import type { Finding } from '../../processors/finding.ts'
import { attributePattern } from '../../processors/rules/attribute-pattern.ts'
import type { CompiledRule, Miss } from '../../processors/rules/compile.ts'
import type {
  AttributeCondition,
  Condition,
  ElementCondition,
} from '../../processors/rules/condition-schema.ts'
import { compileRules } from '../../processors/rules/counting.ts'
import { durationText } from '../../processors/rules/duration.ts'
import { indexRules } from '../../processors/rules/rule-index.ts'
import type { Filter, Rule } from '../../processors/rules/schema.ts'
import { type Subject, subjectOf, viewOf } from '../../processors/rules/subject.ts'
import type { TriedRule } from './explanation.ts'
import { listed, quoted } from './words.ts'

/** Says of each rule for resources of the finding's type whether it matches, and if not, what it misses by. */
export function rulesExplainer(rules: readonly Rule[]): (finding: Finding) => TriedRule[] {
  const { ofType, candidates } = indexRules(compileRules(rules))
  return (finding) => {
    const subject = subjectOf(finding)
    const near = new Set(candidates(subject))
    const tried = ofType(finding.resource?.type ?? null).map((rule) => tryRule(rule, subject, near.has(rule)))
    return tried.sort((a, b) => Number(b.matches) - Number(a.matches) || a.id.localeCompare(b.id))
  }
}

function tryRule({ rule, counts, judge }: CompiledRule, subject: Subject, isCandidate: boolean): TriedRule {
  const { id, name } = rule
  const verdict = judge(subject)
  if (counts && typeof verdict === 'string')
    return { id, name, matches: false, isNear: true, severity: null, because: whyCounted(counts) }
  if (typeof verdict === 'string')
    return { id, name, matches: true, isNear: true, severity: verdict, because: whyMatched(rule, verdict) }
  const isNear = isCandidate && verdict.by !== 'types'
  return { id, name, matches: false, isNear, severity: null, because: whyMissed(rule, verdict, subject) }
}

function whyMatched(rule: Rule, severity: string): string {
  const conditions = rule.conditions.map(conditionText)
  const named = rule.events ? [`the event is ${listed(rule.events, 'or')}`] : []
  const expressed = rule.expression === undefined ? [] : ['its expression holds']
  const all = [...named, ...conditions, ...expressed]
  const filtered = severity === rule.severity ? '' : `; a filter makes it ${severity}`
  return `${all.length > 0 ? all.join('; ') : `it is for ${typesOf(rule)}`}${filtered}`
}

/** Alone it is no match: the rule has an alert of its own for several. */
function whyCounted({ rule: { threshold, pattern }, step }: NonNullable<CompiledRule['counts']>): string {
  const { window, by } = threshold ?? pattern!
  const within = `within ${durationText(window)} by ${listed(by.map((name) => name.replaceAll('_', ' ')))}`
  return threshold
    ? `it counts as one of ${threshold.count} ${within}`
    : `it counts as step ${step + 1} of ${pattern!.steps.length} ${within}`
}

function whyMissed(rule: Rule, { by, condition, error, filter }: Miss, subject: Subject): string {
  switch (by) {
    case 'types':
      return `it is for ${typesOf(rule)} only`
    case 'not compared':
      return 'it looks at attributes, and this change is not compared'
    case 'events':
      return `it is for the ${rule.events!.length > 1 ? 'events' : 'event'} ${listed(rule.events!, 'or')} only`
    case 'signal':
      return 'it asks for other tags, or for a higher priority'
    case 'expression':
      return error === undefined
        ? 'its expression does not hold'
        : `its expression cannot be evaluated: ${error}`
    case 'filter':
      return `its filter leaves out ${whatIsLeftOut(filter!)}`
    case 'condition':
      return `it asks for ${conditionText(condition!)}${whatHappened(condition!, subject)}`
  }
}

function whatIsLeftOut({ user_identity, time_window }: Filter): string {
  if (!time_window) return 'this actor'
  const { days = ['every day'], from, to, timezone = 'UTC' } = time_window
  const times = [from && `from ${from}`, to && `to ${to}`].filter(Boolean)
  const window = [listed(days), ...times, `(${timezone})`].join(' ')
  return user_identity ? `this actor at this time: ${window}` : `this time: ${window}`
}

function conditionText(condition: Condition): string {
  if ('element_of' in condition) {
    const { element_of, all } = condition as ElementCondition
    return `an element of ${element_of} with (${conditionTexts(all).join(' and ')})`
  }
  if ('all' in condition) return `(${conditionTexts(condition.all).join(' and ')})`
  if ('any' in condition) return `(${conditionTexts(condition.any).join(' or ')})`
  if ('not' in condition) return `not ${conditionText(condition.not as Condition)}`
  const { attribute, operator, ...args } = condition as AttributeCondition
  const given = Object.entries(args).filter(([, value]) => value !== undefined)
  // An argument `value` is what the operator's own name speaks of: tags.Environment equals "production".
  const texts = given.map(([name, value]) => (name === 'value' ? quoted(value) : `${name} ${quoted(value)}`))
  return [attribute, operator, ...texts].join(' ')
}

function conditionTexts(conditions: unknown): string[] {
  return (conditions as Condition[]).map(conditionText)
}

function whatHappened(condition: Condition, subject: Subject): string {
  const { attribute, operator } = condition as AttributeCondition
  if (operator !== 'changed') return ''
  const { changes } = viewOf(subject, attributePattern(attribute))
  return changes.length === 0 ? ', and the call did not change that' : ''
}

function typesOf({ types }: Rule): string {
  return listed((types ?? ['attribute_drift']).map((type) => type.replaceAll('_', ' ')))
}
