import type { DetectedFinding } from '../../processors/detect/detect.ts'
import type { Finding, NoFinding } from '../../processors/finding.ts'
import { historyBefore } from '../../processors/history.ts'
import { parseRecord } from '../../processors/normalize/cloudtrail.ts'
import type { Pipeline } from '../../processors/pipeline.ts'
import type { StateIndex } from '../../processors/state-index.ts'
import { foldStatus, isOvertaken } from '../../processors/status.ts'
import type { Counted } from '../../processors/windows/counted-match.ts'
import type { Alert, AlertStatus, PastChange, RawEvent } from '../../schemas/types.ts'
import { createBegunCalls } from './begun-calls.ts'
import { createOperations } from './operations.ts'
import { signalsOf } from './signals-of.ts'

/** Runs events through the pipeline against states in memory, to completion. */
export interface Collector {
  add(event: RawEvent): void
  /** The beginning of a call: its body may be told nowhere else. */
  begin(event: RawEvent): void
  /** The alerts, each once, with the status that its drift has after the last event. */
  alerts(detectedAt: Date): Alert[]
  /** What `alerts` found of a drift after the last event. */
  status(driftId: string): AlertStatus | undefined
  readonly funnel: Funnel
  /** By rule whose expression could not be evaluated: of how many of these alerts, and why of one. */
  readonly ruleErrors: ReadonlyMap<string, { alerts: number; error: string }>
}

/** Events by what became of them. */
export interface Funnel {
  read: number
  duplicates: number
  counts: Map<NoFinding | 'finding', number>
  /** Terraform's own calls that gave way to later ones. */
  terraform: number
  /** Differences that ignore lists have taken from findings of which others are left. */
  ignoredParts: number
}

export function createCollector(pipeline: Pipeline, states: StateIndex): Collector {
  const funnel: Funnel = { read: 0, duplicates: 0, counts: new Map(), terraform: 0, ignoredParts: 0 }
  const seen = new Set<string>()
  const found = new Map<string, FoundIn>()
  const statuses = new Map<string, AlertStatus>()
  const ruleErrors = new Map<string, { alerts: number; error: string }>()
  const operations = createOperations()
  const begun = createBegunCalls()

  function add(event: RawEvent): void {
    funnel.read++
    const copy = copyKey(event)
    if (seen.has(copy)) {
      funnel.duplicates++
      if (isShared(event)) judge(event)
      return
    }
    seen.add(copy)
    if (!operations.hold(event) && !begun.hold(event)) count(judge(event))
  }

  function judge(event: RawEvent): NoFinding | 'finding' {
    const plan = pipeline.plan(event)
    if (typeof plan === 'string') return plan
    const { findings, reason, ignored = 0 } = plan.judge(states.rows)
    if (reason === null) funnel.ignoredParts += ignored
    const recipient = findings.length > 0 && isShared(event) ? recipientOf(event) : null
    for (const one of findings) {
      const { id } = one.finding
      const seenBefore = found.get(id)
      const here = { ...one, recipient }
      if (!seenBefore || tellsMore(here, seenBefore)) found.set(id, here)
    }
    return reason ?? 'finding'
  }

  function count(outcome: NoFinding | 'finding'): void {
    funnel.counts.set(outcome, (funnel.counts.get(outcome) ?? 0) + 1)
  }

  /** The given state is the outcome of Terraform's runs: a call of its own that has been overtaken is no finding. */
  function alerts(detectedAt: Date): Alert[] {
    for (const event of [...operations.release(), ...begun.release()]) count(judge(event))
    const findings = [...found.values()].sort((a, b) => byTimeThenId(a.finding, b.finding))
    statuses.clear()
    ruleErrors.clear()
    const histories = new Map<string, PastChange[]>()
    for (const { finding } of findings) {
      const { row } = foldStatus(statuses.get(finding.driftId) ?? null, finding)
      statuses.set(finding.driftId, row)
      histories.set(finding.id, historyBefore(row.history, finding.call.time))
    }
    const statusOf = (driftId: string) => statuses.get(driftId) ?? null
    const gaveWay = (one: Finding) => pipeline.isTerraforms(one.call.actor) && isOvertaken(one, statusOf)
    const reported = findings.filter(({ finding, reason }) => reason === null && !gaveWay(finding))
    funnel.terraform = findings.filter(({ reason }) => reason === null).length - reported.length
    const counted: Counted[] = []
    const single = reported.map(({ finding }): [Finding, Alert] => {
      const { status } = statuses.get(finding.driftId)!
      const report = pipeline.report(finding, status, detectedAt, {
        changeHistory: histories.get(finding.id)!,
        blastRadius: finding.row && states.blastRadius(finding.row),
      })
      for (const { rule, error } of report.ruleErrors)
        ruleErrors.set(rule, { alerts: (ruleErrors.get(rule)?.alerts ?? 0) + 1, error })
      counted.push(...report.counted)
      return [finding, status === 'resolved' ? { ...report.alert, resolvedBy: 'event' } : report.alert]
    })
    const together = signalsOf(counted, detectedAt)
    return [...single, ...together].sort(([a], [b]) => byTimeThenId(a, b)).map(([, alert]) => alert)
  }

  return { add, begin: begun.begin, alerts, status: (driftId) => statuses.get(driftId), funnel, ruleErrors }
}

interface FoundIn extends DetectedFinding {
  /** The account whose record it is, where two have records of one call. */
  recipient: string | null
}

/** Of two accounts' records of one call that of the resource's account counts, whichever comes first. */
function tellsMore(one: FoundIn, other: FoundIn): boolean {
  const isOwn = ({ finding, recipient }: FoundIn) => recipient === finding.resource?.account
  if (isOwn(one) !== isOwn(other)) return isOwn(one)
  return one.finding.call.sourceEvent.id < other.finding.call.sourceEvent.id
}

function isShared({ payload }: RawEvent): boolean {
  return payload.includes('"sharedEventID"')
}

function recipientOf({ payload }: RawEvent): string | null {
  const { recipientAccountId } = parseRecord(payload)
  return typeof recipientAccountId === 'string' ? recipientAccountId : null
}

/** The same for the copies of one record: two accounts' share their id, and only one of them is the resource's own. */
export function copyKey({ account, eventId }: Pick<RawEvent, 'account' | 'eventId'>): string {
  return `${account}/${eventId}`
}

/** detect's order: event time, then event id, then resource. */
function byTimeThenId(a: Finding, b: Finding): number {
  return (
    a.call.time - b.call.time ||
    compareText(a.call.eventId, b.call.eventId) ||
    compareText(a.resourceKey, b.resourceKey)
  )
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
