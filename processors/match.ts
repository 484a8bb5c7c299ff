import type { AlertType, MatchedRule, Severity } from '../schemas/types.ts'
import type { Finding } from './finding.ts'
import { compileRule } from './rules/compile.ts'
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
  /** Rules whose expression could not be evaluated: they count as not matching. */
  errors: RuleError[]
}

export interface RuleError {
  rule: string
  /** Names keys and types, but no values of the state. */
  error: string
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
  const index = indexRules(rules.map(compileRule))

  return function match(finding) {
    const matched: { rule: Rule; severity: Severity }[] = []
    const errors: RuleError[] = []
    const subject = subjectOf(finding)
    for (const candidate of index.candidates(subject)) {
      const verdict = candidate.judge(subject)
      if (typeof verdict === 'string') matched.push({ rule: candidate.rule, severity: verdict })
      else if (verdict.error !== undefined) errors.push({ rule: candidate.rule.id, error: verdict.error })
    }
    matched.sort((a, b) => compareSeverity(a.severity, b.severity) || (a.rule.id < b.rule.id ? -1 : 1))
    return {
      matchedRules: matched.map(({ rule: { id, name }, severity }) => ({ id, name, severity })),
      severity: matched[0]?.severity ?? unmatchedSeverity(finding, defaults),
      channels: [...new Set(matched.flatMap(({ rule }) => channelsOf(rule)))],
      rules: matched.map(({ rule }) => rule),
      errors,
    }
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
