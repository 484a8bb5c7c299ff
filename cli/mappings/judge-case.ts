import type { DetectContext } from '../../processors/detect/step.ts'
import { createMatcher } from '../../processors/match.ts'
import { createContext } from '../context.ts'
import { type CaseAlert, expectedAlert, gotAlert, sameAlert } from './case-alert.ts'
import { caseHashKey, createPlayer } from './play-case.ts'
import type { Case } from './read-cases.ts'

export interface Verdict {
  passed: boolean
  /** True positives. */
  matched: number
  /** False positives: alerts that the case does not expect, or not like this. */
  unexpected: readonly CaseAlert[]
  /** False negatives: alerts that the case expects, and did not get like this. */
  missing: readonly CaseAlert[]
  /** Why events gave no alert. */
  reasons: readonly string[]
  /** Records or states of the case that cannot be read. */
  faults: readonly string[]
}

/** What cases are judged with: the mappings that ship. */
export function caseContext(): DetectContext {
  return createContext({ hashKey: caseHashKey, unmanagedAny: false })
}

/** Judges cases by the pipeline of `detect`, without rules. */
export function createJudge(context: DetectContext = caseContext()): (one: Case) => Promise<Verdict> {
  const play = createPlayer(context, createMatcher([]))

  return async (one) => {
    const { alerts, reasons, faults } = await play(one)
    return verdict(one, { got: alerts.filter(({ compared }) => compared).map(gotAlert), reasons, faults })
  }
}

function verdict(
  { expect, reason, doubt }: Case,
  {
    got,
    reasons,
    faults,
  }: { got: readonly CaseAlert[]; reasons: readonly string[]; faults: readonly string[] },
): Verdict {
  const unexpected = [...got]
  const missing = expect.map(expectedAlert).filter((wanted) => {
    const found = unexpected.findIndex((one) => sameAlert(wanted, one))
    if (found >= 0) unexpected.splice(found, 1)
    return found < 0
  })
  const forItsReason = reason === null || doubt !== null || reasons.includes(reason)
  return {
    passed: unexpected.length === 0 && missing.length === 0 && faults.length === 0 && forItsReason,
    matched: got.length - unexpected.length,
    unexpected,
    missing,
    reasons,
    faults,
  }
}
