import type { DetectContext } from '../../processors/detect/step.ts'
import { createMatcher } from '../../processors/match.ts'
import type { Rule } from '../../processors/rules/schema.ts'
import type { RuleTest } from '../../processors/rules/test-schema.ts'
import { resourcesOf } from '../../processors/rules/written-state.ts'
import { caseContext } from '../mappings/judge-case.ts'
import { createPlayer, type Outcome } from '../mappings/play-case.ts'
import { testRecord } from './test-record.ts'

export interface RuleTestResult {
  rule: Rule
  test: RuleTest
  /** Why it failed; null where it passed. */
  fault: string | null
}

/** Runs the inline tests of a rule, with no other rule beside it. */
export function createRuleJudge(
  context: DetectContext = caseContext(),
): (rule: Rule) => Promise<RuleTestResult[]> {
  return async (rule) => {
    const play = createPlayer(context, createMatcher([rule]))
    const results: RuleTestResult[] = []
    for (const test of rule.tests ?? []) {
      const outcome = await play({
        events: (test.events ?? [test.event!]).map((event, index) =>
          testRecord(event, { seed: `${rule.id}\n${test.name}`, index }),
        ),
        states: (test.states ?? (test.state ? [test.state] : [])).map(resourcesOf),
      })
      results.push({ rule, test, fault: errorOf(outcome) ?? faultOf(rule, test, outcome) })
    }
    return results
  }
}

/** No match, too; but a test of no match is to show that the rule says no, not that it can say nothing. */
function errorOf({ ruleErrors: [error] }: Outcome): string | null {
  return error === undefined ? null : `its expression cannot be evaluated: ${error}; ask has(…) first`
}

function faultOf({ id }: Rule, test: RuleTest, { alerts, reasons, faults }: Outcome): string | null {
  if (faults.length > 0) return `cannot be read: ${faults.join('; ')}`
  const matched = alerts.flatMap(({ matchedRules }) => matchedRules).filter((one) => one.id === id)
  const why = alerts.length > 0 ? alertsText(alerts) : `no alert (${reasons.join(', ') || 'no reason'})`
  if (test.expect === 'match') {
    if (matched.length === 0) return `does not match: ${why}`
    const { severity } = test
    if (severity === undefined || matched.some((one) => one.severity === severity)) return null
    return `matches as ${matched[0]!.severity}, not as ${severity}`
  }
  if (matched.length > 0) return `matches: ${why}`
  if (test.reason === undefined) {
    // An event with a slip of the pen must not pass for one that the rule leaves alone.
    return alerts.length > 0 ? null : `proves nothing: ${why}; if that is meant, write reason:`
  }
  return alerts.length === 0 && reasons.includes(test.reason)
    ? null
    : `is not quiet as ${test.reason}: ${why}`
}

function alertsText(alerts: Outcome['alerts']): string {
  return alerts
    .map(({ type, resource, diffs }) => {
      const attributes = diffs.map(
        ({ attribute, oldValue, newValue }) => `${attribute} ${oldValue} → ${newValue}`,
      )
      return [type, resource?.address ?? resource?.type ?? '', ...attributes].filter(Boolean).join(' ')
    })
    .join('; ')
}
