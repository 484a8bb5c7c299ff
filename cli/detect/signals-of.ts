import type { Finding } from '../../processors/finding.ts'
import { countMatches } from '../../processors/windows/count-matches.ts'
import type { Counted } from '../../processors/windows/counted-match.ts'
import { windowFinding, windowReport } from '../../processors/windows/window-signal.ts'
import type { Alert } from '../../schemas/types.ts'

/** What several findings together make of rules, each with its alert. */
export function signalsOf(counted: readonly Counted[], detectedAt: Date): [Finding, Alert][] {
  const rules = new Map(counted.map(({ rule }) => [rule.id, rule]))
  const circumstances = { status: 'open' as const, detectedAt: detectedAt.toISOString() }
  return countMatches(counted.map(({ record }) => record)).map((completed) => {
    const finding = windowFinding(completed)
    const rule = rules.get(completed.counted.rule.id) ?? null
    const { alert } = windowReport(completed, finding, rule, circumstances)
    // It stands where the time stands that it shows.
    return [{ ...finding, call: { ...finding.call, time: completed.start } }, alert]
  })
}
