import { dueTimes, type Patience } from '../processors/apply-in-flight.ts'
import type { DetectedFinding } from '../processors/detect/detect.ts'
import type { Pipeline } from '../processors/pipeline.ts'
import { foldSetBacks, foldStatus, isOvertaken } from '../processors/status.ts'
import type { Codec } from '../schemas/codec.ts'
import { rawEventKey } from '../schemas/raw-event-key.ts'
import type { PendingChange, RawEvent } from '../schemas/types.ts'
import type { OutRecord } from './bus.ts'
import { type LookUps, lookUpAround, lookUpRows, lookUpStatuses, type Statuses } from './look-ups.ts'
import type { Metrics } from './metrics.ts'
import { createReporter, type ReportOptions } from './report.ts'
import type { TableRow } from './table.ts'

export interface SettleOptions extends LookUps, Omit<ReportOptions, 'pipeline' | 'codecs' | 'metrics'> {
  pipeline: Pipeline
  codecs: ReportOptions['codecs'] & { rawEvent: Codec<RawEvent> }
  /** The calls that wait, of one partition of raw-events. */
  pendingOf: (partition: number) => Promise<TableRow<PendingChange>[]>
  /** Seals a call that cannot be judged. */
  deadLetter: (pending: PendingChange, error: Error) => OutRecord
  /** Changes whenever rows of the state do. */
  stateRevision: () => number
  /** The sources of the states whose lock is held. */
  lockedStates: () => Promise<ReadonlySet<string>>
  patience: Patience
  metrics: Metrics
  now: () => Date
}

type Row = TableRow<PendingChange>

/** A call that waits, judged by the state of now. */
interface Judged extends Row {
  findings: DetectedFinding[]
}

interface Waiting extends Judged {
  /** When its time is over. */
  due: number
}

/** When a partition has to be looked at again. */
interface Look {
  at: number
  /** The revision of the state at the last look, and at the last tick. */
  looked: number
  seen: number
}

/**
 * Decides what becomes of Terraform's own calls that differed from the state when they came: where the state has
 * caught up, or later calls have had the last word, they vanish; where it still differs when their time is over, they
 * are alerts like any other. Returns what is to be published, and then what takes them from the table: a crash between
 * the two repeats the alerts, under the same ids.
 */
export function createSettling(options: SettleOptions): (partition: number) => Promise<OutRecord[][]> {
  const { pipeline, topic, metrics } = options
  const { settleMs } = options.patience
  const reporter = createReporter(options)
  const looks = new Map<number, Look>()

  return async function settle(partition) {
    const now = options.now()
    if (!isTime(partition, now.getTime())) return []
    const revision = options.stateRevision()
    const rows = await options.pendingOf(partition)
    const { records, gone, dues } = await decide(rows, now)
    // What comes from now on waits for as long.
    const at = Math.min(now.getTime() + settleMs, ...dues)
    looks.set(partition, { at, looked: revision, seen: revision })
    if (gone.length === 0) return []
    const graves = gone.map((key) => ({
      topic: topic('pending-changes'),
      key: Buffer.from(key),
      value: null,
    }))
    return [records, graves]
  }

  /** When the next call's time is over, or the state has changed and is quiet again: it comes row by row. */
  function isTime(partition: number, now: number): boolean {
    const look = looks.get(partition)
    const revision = options.stateRevision()
    if (!look || now >= look.at) return true
    const quiet = look.seen === revision
    look.seen = revision
    return quiet && look.looked !== revision
  }

  async function decide(rows: readonly Row[], now: Date): Promise<Decision> {
    const records: OutRecord[] = []
    const gone: string[] = []
    const dues: number[] = []
    /** Runs a call's part of a step; a call that throws is set aside, as a dead letter. */
    function each<I extends Row, O>(items: readonly I[], step: (item: I) => O[]): O[] {
      return items.flatMap((item) => {
        try {
          return step(item)
        } catch (error) {
          gone.push(item.key)
          records.push(options.deadLetter(item.value, error as Error))
          return []
        }
      })
    }

    const planned = each(rows, (row) => [{ ...row, plan: pipeline.plan(row.value.event) }])
    const found = await lookUpRows(
      options,
      planned.flatMap(({ plan }) => (typeof plan === 'string' ? [] : plan.keys)),
    )
    const judged = each(planned, ({ plan, ...row }): Judged[] => {
      // A reason for none: other filters or mappings than when it came.
      return [{ ...row, findings: typeof plan === 'string' ? [] : plan.judge(found).findings }]
    }).sort(byTimeThenId)
    const waiting = withDues(judged, await options.lockedStates(), options.patience)
    const statuses = await lookUpStatuses(
      options,
      waiting.flatMap(({ findings }) => findings.flatMap(driftsOf)),
    )
    const around = await lookUpAround(
      options,
      waiting.flatMap(({ findings }) => findings),
    )
    await reporter.prepare(statuses)
    const lasts = withAll(statuses, waiting)
    const lastOf = (driftId: string) => lasts.get(driftId) ?? null
    const touched: Statuses = new Map()
    const told = each(waiting, ({ key, value, findings, due }) => {
      const alerts = findings.filter((one) => one.reason === null && !isOvertaken(one.finding, lastOf))
      if (alerts.length > 0 && now.getTime() < due) {
        dues.push(due)
        return []
      }
      const news: Statuses = new Map()
      const event = options.codecs.rawEvent.encode(value.event)
      const origin = { eventKey: rawEventKey(value.event), event, now }
      const out = findings.flatMap((one) => {
        const { driftId } = one.finding
        const before = news.get(driftId) ?? touched.get(driftId) ?? statuses.get(driftId) ?? null
        const isOver = one.reason === null && !alerts.includes(one)
        const folded = (isOver ? foldSetBacks : foldStatus)(before, one.finding, origin)
        if (!folded) return []
        const { own } = folded
        const reported =
          own && one.reason === null
            ? reporter.alert(one.finding, { ...folded, own }, now, around(one.finding, folded.row))
            : reporter.step(folded)
        news.set(driftId, reported.row)
        return reported.records
      })
      for (const [driftId, row] of news) touched.set(driftId, row)
      gone.push(key)
      const replaced = findings.some(({ reason }) => reason === null)
      metrics.settleTotal.inc({ result: alerts.length > 0 ? 'expired' : replaced ? 'replaced' : 'settled' })
      return out
    })
    return { records: [...records, ...told, ...reporter.statuses(touched, told)], gone, dues }
  }
}

interface Decision {
  records: OutRecord[]
  /** The keys of what waits no longer. */
  gone: string[]
  /** When the time of the others is over. */
  dues: number[]
}

function withDues(judged: readonly Judged[], locked: ReadonlySet<string>, patience: Patience): Waiting[] {
  const calls = judged.flatMap(({ value, findings }) => {
    const [first] = findings
    return first
      ? [{ actor: first.finding.call.actor, since: value.since, locked: concerns(findings, locked) }]
      : []
  })
  const dues = dueTimes(calls, patience)
  let at = 0
  return judged.map((one) => ({ ...one, due: one.findings.length > 0 ? dues[at++]! : one.value.since }))
}

/** What no state holds may be about to come into any. */
function concerns(findings: readonly DetectedFinding[], locked: ReadonlySet<string>): boolean {
  return findings.some(({ finding: { row } }) => (row ? locked.has(row.source) : locked.size > 0))
}

/** The statuses as they were if all that waits were told: who then has the last word. */
function withAll(statuses: Statuses, waiting: readonly Waiting[]): Statuses {
  const all = new Map(statuses)
  for (const { finding } of waiting.flatMap(({ findings }) => findings)) {
    all.set(finding.driftId, foldStatus(all.get(finding.driftId) ?? null, finding).row)
  }
  return all
}

/** What has to be known to tell who has the last word. */
function driftsOf({ finding: { driftId, parentDriftIds = [] } }: DetectedFinding): string[] {
  return [driftId, ...parentDriftIds]
}

function byTimeThenId({ value: { event: a } }: Row, { value: { event: b } }: Row): number {
  return a.time - b.time || (a.eventId < b.eventId ? -1 : 1)
}
