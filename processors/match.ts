import type { AlertType, MatchedRule, Severity } from '../schemas/types.ts'
import { destinationsOf, type NamedSink } from './channels.ts'
import type { Finding } from './finding.ts'
import type { Kept } from './kept-actor.ts'
import type { CompiledRule } from './rules/compile.ts'
import { compileRules } from './rules/counting.ts'
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
  /** Rules that look at several events, of which this is one; of a pattern the steps that it may be. */
  counted: CountsFor[]
}

export interface RuleError {
  rule: string
  /** Names keys and types, but no values of the state. */
  error: string
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
  const index = indexRules(compileRules(rules), options.byType)
  const runbookOf = compileRunbooks(options.runbooks ?? [])

  return function match(finding) {
    const matched: MatchedWith[] = []
    const errors: RuleError[] = []
    const counted = new Map<Rule, CountsFor>()
    const subject = subjectOf(finding)
    for (const { rule, counts, judge } of index.candidates(subject)) {
      const verdict = judge(subject)
      if (typeof verdict !== 'string') {
        if (verdict.error !== undefined) errors.push({ rule: rule.id, error: verdict.error })
      } else if (counts) count(counted, counts)
      else matched.push({ rule, severity: verdict })
    }
    const result = matchOf(matched, unmatchedSeverity(finding, defaults), options.sinks)
    const runbookUrl = result.runbookUrl ?? runbookOf(finding, result.rules[0]?.id ?? null)
    return { ...result, runbookUrl, errors, counted: [...counted.values()] }
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

/** What follows from the rules that match. `unmatched`: the severity where none does; `sinks`: what actions may name. */
export function matchOf(
  matched: readonly MatchedWith[],
  unmatched: Severity,
  sinks: readonly NamedSink[] = [],
): Match {
  const sorted = [...matched].sort(
    (a, b) => compareSeverity(a.severity, b.severity) || (a.rule.id < b.rule.id ? -1 : 1),
  )
  const rules = sorted.map(({ rule }) => rule)
  return {
    matchedRules: sorted.map(({ rule: { id, name }, severity }) => ({ id, name, severity })),
    severity: sorted[0]?.severity ?? unmatched,
    ...destinationsOf(rules, sinks),
    runbookUrl: rules.find(({ runbook }) => runbook !== undefined)?.runbook ?? null,
    rules,
    errors: [],
    counted: [],
  }
}

function unmatchedSeverity({ type, compared, signal }: Finding, defaults: Severities): Severity {
  if (type === 'attribute_drift' && !compared) return 'info'
  const severity = defaults[type]
  if (severity !== 'priority') return severity
  return signal ? severityOfPriority[signal.priority] : 'info'
}
