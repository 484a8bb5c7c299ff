import type { AlertType, MatchedRule, Severity } from '../schemas/types.ts'
import { destinationsOf, type NamedSink } from './channels.ts'
import type { Finding } from './finding.ts'
import type { Kept } from './kept-actor.ts'
import { compileRule } from './rules/compile.ts'
import { indexRules, type TypeIndex } from './rules/rule-index.ts'
import type { Rule } from './rules/schema.ts'
import { subjectOf } from './rules/subject.ts'
import { compileRunbooks, type RunbookTemplate } from './runbooks.ts'
import { compareSeverity, severityOfPriority } from './severity.ts'

/** The rules that a finding matches: most severe first, then by id. */
export interface Match {
  matchedRules: MatchedRule[]
  /** The highest of the matched rules, else the default of the finding's type. */
  severity: Severity
  /** Where the matched rules' actions send it. */
  channels: string[]
  pendingChannels: string[]
  /** Of the most severe matched rule that names one, else of the configured templates. */
  runbookUrl: string | null
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
  /** What actions of rules may name. Left out: none is configured. */
  sinks?: readonly NamedSink[]
  /** For alerts whose rules name none. */
  runbooks?: readonly RunbookTemplate[]
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
  const runbookOf = compileRunbooks(options.runbooks ?? [])
  const index = indexRules(rules.map(compileRule), options.byType)

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
    const found = matched.map(({ rule }) => rule)
    return {
      matchedRules: matched.map(({ rule: { id, name }, severity }) => ({ id, name, severity })),
      severity: matched[0]?.severity ?? unmatchedSeverity(finding, defaults),
      ...destinationsOf(found, options.sinks ?? []),
      runbookUrl:
        found.find(({ runbook }) => runbook !== undefined)?.runbook ??
        runbookOf(finding, found[0]?.id ?? null),
      rules: found,
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
