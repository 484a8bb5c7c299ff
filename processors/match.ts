import type { AlertType, MatchedRule, Severity } from '../schemas/types.ts'
import type { Finding } from './finding.ts'
import type { Kept } from './kept-actor.ts'
import { compileRule } from './rules/compile.ts'
import { indexRules, type TypeIndex } from './rules/rule-index.ts'
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
}

export type Matcher = (finding: Finding) => Match

export interface MatcherOptions {
  /** Severities of findings that no rule matches. */
  severities?: Partial<Severities>
  /** Keeps the rules of a type, for this matcher alone. */
  byType?: Kept<TypeIndex>
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
  const index = indexRules(rules.map(compileRule), options.byType)

  return function match(finding) {
    const matched: { rule: Rule; severity: Severity }[] = []
    const subject = subjectOf(finding)
    for (const candidate of index.candidates(subject)) {
      const severity = candidate.judge(subject)
      if (typeof severity === 'string') matched.push({ rule: candidate.rule, severity })
    }
    matched.sort((a, b) => compareSeverity(a.severity, b.severity) || (a.rule.id < b.rule.id ? -1 : 1))
    return {
      matchedRules: matched.map(({ rule: { id, name }, severity }) => ({ id, name, severity })),
      severity: matched[0]?.severity ?? unmatchedSeverity(finding, defaults),
      channels: [...new Set(matched.flatMap(({ rule }) => channelsOf(rule)))],
      rules: matched.map(({ rule }) => rule),
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
