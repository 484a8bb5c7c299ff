import { readEvents } from '../../connectors/sources/read-events.ts'
import { parseState } from '../../connectors/sources/terraform-state/parse.ts'
import { toSnapshots } from '../../connectors/sources/terraform-state/snapshot.ts'
import type { DetectContext } from '../../processors/detect/step.ts'
import { createMatcher } from '../../processors/match.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import { createStateIndex, type StateIndex } from '../../processors/state-index.ts'
import { stateRow } from '../../processors/state-row.ts'
import { createContext } from '../context.ts'
import { createCollector } from '../detect/collect-findings.ts'
import { type CaseAlert, expectedAlert, gotAlert, sameAlert } from './case-alert.ts'
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

const hashKey = Buffer.alloc(32, 7)

/** What cases are judged with: the mappings that ship. */
export function caseContext(): DetectContext {
  return createContext({ hashKey, unmanagedAny: false })
}

/** Judges cases by the pipeline of `detect`, without rules. */
export function createJudge(context: DetectContext = caseContext()): (one: Case) => Promise<Verdict> {
  const pipeline = createPipeline({ context, matcher: createMatcher([]), admits: () => true })

  return async (one) => {
    const faults: string[] = []
    const states = createStateIndex(context.mappings)
    for (const [i, resources] of one.states.entries()) addState(states, { resources, number: i }, faults)
    const collector = createCollector(pipeline, states)
    const reasons = new Set<string>()
    const bytes = Buffer.from(JSON.stringify(one.events))
    for (const reading of await readEvents(bytes, { origin: 'event', receivedAt: 0, hashKey })) {
      if ('event' in reading) collector.add(reading.event)
      // What a source passes over changes nothing: content, reads in Google's log of data access, the start of a call.
      else if ('skipped' in reading) {
        reasons.add('no-effect').add('read-only')
        if (reading.begun) collector.begin(reading.begun)
      } else faults.push(reading.deadLetter.message)
    }
    const alerts = collector.alerts(new Date(0)).filter(({ compared }) => compared)
    for (const reason of collector.funnel.counts.keys()) reasons.add(reason)
    return verdict(one, { got: alerts.map(gotAlert), reasons: [...reasons], faults })
  }
}

function addState(
  states: StateIndex,
  { resources, number }: { resources: Case['states'][number]; number: number },
  faults: string[],
): void {
  const state = { version: 4, serial: 1, lineage: `lineage-${number}`, outputs: {}, resources }
  try {
    const parsed = parseState(Buffer.from(JSON.stringify(state)), `state-${number}`)
    for (const { key, value } of toSnapshots(parsed, { hashKey, capturedAt: 0 })) {
      const row = stateRow(key, value)
      if (row) states.add(row)
    }
  } catch (error) {
    faults.push((error as Error).message)
  }
}

function verdict(
  { expect, reason, doubt }: Case,
  { got, reasons, faults }: { got: readonly CaseAlert[]; reasons: string[]; faults: string[] },
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
