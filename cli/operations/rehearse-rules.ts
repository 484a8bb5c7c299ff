import type { Finding } from '../../processors/finding.ts'
import type { Match } from '../../processors/match.ts'
import { loadRules } from '../../processors/rules/load.ts'
import type { Rule } from '../../processors/rules/schema.ts'
import type { RuleText } from '../../rules/index.ts'
import type { Alert, MatchedRule, Severity } from '../../schemas/types.ts'
import { formatFault } from '../config/faults.ts'
import type { Operation } from './operation.ts'
import { configuredJudgement, matcherOf, type RehearsalRange, retell } from './retell.ts'

export interface RehearsedRules extends RehearsalRange {
  /** The files themselves: the running service may not see the asker's folders. */
  rules: RuleText[]
}

/** An alert that other rules would make another one. */
export interface RuleChange {
  /** `changed`: it has another severity, or other rules match it. */
  change: 'new' | 'gone' | 'changed'
  id: string
  type: Alert['type']
  /** null: not said. */
  severity: Severity | null
  was: Severity | null
  resource: string
  message: string
  /** As the cloud's own console shows it. */
  event: string
  time: string
  /** The rules because of which it differs. */
  rules: string[]
}

export interface RuleRehearsal {
  /** Alerts of the configured rules, and of these. */
  before: number
  alerts: number
  rules: { id: string; name: string; matches: number; errors: number }[]
}

/**
 * What these rules would say over the retained events, in place of the configured ones. Both are tried on the same
 * findings, by the state of now: what differs is the rules' doing alone. Each RuleChange, and then one RuleRehearsal.
 */
export const rehearseRules: Operation<RehearsedRules> = async (context, { rules: files, ...range }, emit) => {
  const { config } = context
  const rules = loaded(files)
  const configured = configuredJudgement(config)
  const now = matcherOf(configured.rules, config)
  const then = matcherOf(rules, config)
  const wouldBe = new Map<string, Match>()
  const matcher = (finding: Finding) => {
    wouldBe.set(finding.id, then(finding))
    return now(finding)
  }
  const alerts = await retell(context, range, { matcher, ignores: configured.ignores })
  const says = (severity: Severity) => (severity === 'info' && !config.alerts.info ? null : severity)
  const counts = new Map(rules.map(({ id }) => [id, { matches: 0, errors: 0 }]))
  const sums = { before: 0, alerts: 0 }
  for (const alert of alerts) {
    const match = wouldBe.get(alert.id)!
    const [was, severity] = [says(alert.severity), says(match.severity)]
    for (const { id } of match.matchedRules) counts.get(id)!.matches++
    for (const { rule } of match.errors) counts.get(rule)!.errors++
    if (was) sums.before++
    if (severity) sums.alerts++
    const change = changeOf(alert, match, { was, severity })
    if (change) emit(change)
  }
  const summary: RuleRehearsal = {
    ...sums,
    rules: rules.map(({ id, name }) => ({ id, name, ...counts.get(id)! })),
  }
  emit(summary)
}

function loaded(files: readonly RuleText[]): Rule[] {
  const { rules, errors } = loadRules(files)
  if (errors.length > 0) throw new Error(errors.map(formatFault).join('\n'))
  return rules
}

function changeOf(
  alert: Alert,
  match: Match,
  { was, severity }: Pick<RuleChange, 'was' | 'severity'>,
): RuleChange | null {
  const came = without(match.matchedRules, alert.matchedRules)
  const went = without(alert.matchedRules, match.matchedRules)
  if ((!was && !severity) || (came.length === 0 && went.length === 0)) return null
  const change = !was ? 'new' : !severity ? 'gone' : 'changed'
  const causes = change === 'new' ? [came, went] : change === 'gone' ? [went, came] : [[...went, ...came]]
  const { id, type, resource, message, sourceEvent } = alert
  return {
    change,
    id,
    type,
    severity,
    was,
    resource: resource?.address ?? (resource ? `${resource.type} ${resource.id}` : sourceEvent.name),
    message,
    event: sourceEvent.id,
    time: sourceEvent.time,
    rules: [...new Set(causes.find((rules) => rules.length > 0))],
  }
}

/** The ids of the rules that are not among the others, with the same severity. */
function without(rules: readonly MatchedRule[], others: readonly MatchedRule[]): string[] {
  const known = new Set(others.map(({ id, severity }) => `${id}\0${severity}`))
  return rules.filter(({ id, severity }) => !known.has(`${id}\0${severity}`)).map(({ id }) => id)
}
