import type { AlertType, MatchedRule, Severity } from '../schemas/types.ts'
import type { Finding } from './finding.ts'
import type { CompiledRule } from './rules/compile.ts'
import { compileRules } from './rules/counting.ts'
import { indexRules } from './rules/rule-index.ts'
import type { Rule } from './rules/schema.ts'
import { subjectOf } from './rules/subject.ts'
import { compareSeverity, severityOfPriority } from './severity.ts'

/** The rules that a finding matches: most severe first, then by id. */
export interface Match {
  matchedRules: MatchedRule[]
  /** The highest of the matched rules, else the default of the finding's type. */
  severity: Severity
  /** What the matched rules' alert actions name, each once. Empty: the default routing. */
  channels: string[]
  /** The matched rules themselves, in the order of matchedRules. */
  rules: Rule[]
  /** Rules that look at several events, of which this is one; of a pattern the steps that it may be. */
  counted: CountsFor[]
}

export interface CountsFor {
  rule: Rule
  /** Stands for all that the rule says of what counts. */
  version: string
  steps: number[]
}

export type Matcher = (finding: Finding) => Match

export interface MatcherOptions {
  /** Severities of findings that no rule matches. */
  severities?: Partial<Severities>
}

/** By type; of signals also `priority`: as Falco's priority says. */
type Severities = Record<Exclude<AlertType, 'signal'>, Severity> & { signal: Severity | 'priority' }

const defaultSeverities: Severities = {
  attribute_drift: 'info',
  unmanaged_resource: 'medium',
  resource_deleted: 'high',
  signal: 'priority',
}

export function createMatcher(
  rules: readonly Rule[],
  options: MatcherOptions = {},
): (finding: Finding) => Match {
  const defaults = { ...defaultSeverities, ...options.severities }
  const index = indexRules(compileRules(rules))

  return function match(finding) {
    const matched: MatchedWith[] = []
    const counted = new Map<Rule, CountsFor>()
    const subject = subjectOf(finding)
    for (const { rule, counts, judge } of index.candidates(subject)) {
      const severity = judge(subject)
      if (typeof severity !== 'string') continue
      if (counts) count(counted, counts)
      else matched.push({ rule, severity })
    }
    return { ...matchOf(matched, unmatchedSeverity(finding, defaults)), counted: [...counted.values()] }
  }
}

function count(counted: Map<Rule, CountsFor>, counts: NonNullable<CompiledRule['counts']>): void {
  const { rule, version, step } = counts
  const steps = [...(counted.get(rule)?.steps ?? []), step].sort((a, b) => a - b)
  counted.set(rule, { rule, version, steps })
}

interface MatchedWith {
  rule: Rule
  severity: Severity
}

/** What follows from the rules that match. `unmatched`: the severity where none does. */
export function matchOf(matched: readonly MatchedWith[], unmatched: Severity): Match {
  const sorted = [...matched].sort(
    (a, b) => compareSeverity(a.severity, b.severity) || (a.rule.id < b.rule.id ? -1 : 1),
  )
  return {
    matchedRules: sorted.map(({ rule: { id, name }, severity }) => ({ id, name, severity })),
    severity: sorted[0]?.severity ?? unmatched,
    channels: [...new Set(sorted.flatMap(({ rule }) => channelsOf(rule)))],
    rules: sorted.map(({ rule }) => rule),
    counted: [],
  }
}

function unmatchedSeverity({ type, compared, signal }: Finding, defaults: Severities): Severity {
  if (type === 'attribute_drift' && !compared) return 'info'
  const severity = defaults[type]
  if (severity !== 'priority') return severity
  return signal ? severityOfPriority[signal.priority] : 'info'
}

function channelsOf({ actions }: Rule): string[] {
  return actions.flatMap((action) => (action.type === 'alert' ? (action.channels ?? []) : []))
}
