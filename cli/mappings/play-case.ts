import { readEvents } from '../../connectors/sources/read-events.ts'
import { parseState } from '../../connectors/sources/terraform-state/parse.ts'
import { toSnapshots } from '../../connectors/sources/terraform-state/snapshot.ts'
import type { DetectContext } from '../../processors/detect/step.ts'
import type { JsonObject } from '../../processors/finding.ts'
import type { Matcher } from '../../processors/match.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import { createStateIndex, type StateIndex } from '../../processors/state-index.ts'
import { stateRow } from '../../processors/state-row.ts'
import type { Alert } from '../../schemas/types.ts'
import { createCollector } from '../detect/collect-findings.ts'

/** What happened: whole records, as the provider's log has them, and of each state its `resources[]` (format 4). */
export interface Played {
  events: readonly JsonObject[]
  states: readonly (readonly JsonObject[])[]
}

export interface Outcome {
  alerts: readonly Alert[]
  /** Why events gave no alert. */
  reasons: readonly string[]
  /** Records or states that cannot be read. */
  faults: readonly string[]
  /** Why expressions of rules could not be evaluated. */
  ruleErrors: readonly string[]
}

/** What secrets are hashed with, in states and in events. */
export const caseHashKey = Buffer.alloc(32, 7)

/** Runs events with states through the pipeline of `detect`. */
export function createPlayer(context: DetectContext, matcher: Matcher): (played: Played) => Promise<Outcome> {
  const pipeline = createPipeline({ context, matcher, admits: () => true })

  return async (played) => {
    const faults: string[] = []
    const states = createStateIndex(context.mappings)
    for (const [i, resources] of played.states.entries()) addState(states, { resources, number: i }, faults)
    const collector = createCollector(pipeline, states)
    const reasons = new Set<string>()
    const bytes = Buffer.from(JSON.stringify(played.events))
    for (const reading of await readEvents(bytes, { origin: 'event', receivedAt: 0, hashKey: caseHashKey })) {
      if ('event' in reading) collector.add(reading.event)
      // What a source passes over changes nothing: content, reads in Google's log of data access, the start of a call.
      else if ('skipped' in reading) {
        reasons.add('no-effect').add('read-only')
        if (reading.begun) collector.begin(reading.begun)
      } else faults.push(reading.deadLetter.message)
    }
    const alerts = collector.alerts(new Date(0))
    for (const reason of collector.funnel.counts.keys()) reasons.add(reason)
    const ruleErrors = [...collector.ruleErrors.values()].map(({ error }) => error)
    return { alerts, reasons: [...reasons], faults, ruleErrors }
  }
}

function addState(
  states: StateIndex,
  { resources, number }: { resources: Played['states'][number]; number: number },
  faults: string[],
): void {
  const state = { version: 4, serial: 1, lineage: `lineage-${number}`, outputs: {}, resources }
  try {
    const parsed = parseState(Buffer.from(JSON.stringify(state)), `state-${number}`)
    for (const { key, value } of toSnapshots(parsed, { hashKey: caseHashKey, capturedAt: 0 })) {
      const row = stateRow(key, value)
      if (row) states.add(row)
    }
  } catch (error) {
    faults.push((error as Error).message)
  }
}
