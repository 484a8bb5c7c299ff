import { type Command, obey, readCommand } from '../processors/commands.ts'
import type { Detection, Plan } from '../processors/detect/detect.ts'
import type { Rows } from '../processors/detect/step.ts'
import type { NoFinding } from '../processors/finding.ts'
import type { Pipeline } from '../processors/pipeline.ts'
import { foldStatus } from '../processors/status.ts'
import type { Codec } from '../schemas/codec.ts'
import { skippableByHeader } from '../schemas/headers.ts'
import { pendingChangeKey } from '../schemas/pending-change-key.ts'
import { rawEventKey } from '../schemas/raw-event-key.ts'
import type { PendingChange, RawEvent } from '../schemas/types.ts'
import type { Batch, InRecord, OutRecord } from './bus.ts'
import {
  type Around,
  type LookUps,
  lookUpAround,
  lookUpRows,
  lookUpStatuses,
  type Statuses,
} from './look-ups.ts'
import type { Metrics } from './metrics.ts'
import { createReporter, type ReportOptions } from './report.ts'

export interface StageOptions extends LookUps, Omit<ReportOptions, 'pipeline' | 'codecs' | 'metrics'> {
  pipeline: Pipeline
  codecs: ReportOptions['codecs'] & { rawEvent: Codec<RawEvent>; pendingChange: Codec<PendingChange> }
  /** What waits already, by its keys. */
  findPending: (keys: string[]) => Promise<(PendingChange | null)[]>
  /** Seals a record that cannot be processed. */
  deadLetter: (record: InRecord, error: Error) => OutRecord
  metrics: Metrics
  now: () => Date
}

/**
 * The one stateful stage: a batch of raw events in, the records of diffs, matches, alerts and alert-status out. What
 * Terraform has done itself waits for the state: it goes to pending-changes, and settle.ts decides.
 * All look-ups of a batch are made at once. A record that cannot be read becomes a dead letter, and the others go on.
 */
export function createStage(options: StageOptions): (batch: Batch) => Promise<OutRecord[]> {
  const { codecs, pipeline, metrics, topic } = options
  const reporter = createReporter(options)

  return async function processBatch({ topic: from, records }) {
    metrics.recordsInTotal.inc({ topic: from }, records.length)
    const deadLetters: OutRecord[] = []
    /** Runs one record's part of a step; a record that throws is set aside, once. */
    function each<I extends { record: InRecord }, O>(items: readonly I[], step: (item: I) => O[]): O[] {
      return items.flatMap((item) => {
        try {
          return step(item)
        } catch (error) {
          deadLetters.push(options.deadLetter(item.record, error as Error))
          return []
        }
      })
    }

    await codecs.rawEvent.prepare(records.flatMap(({ value }) => (value ? [value] : [])))
    const planned = each(
      records.map((record) => ({ record })),
      planOne,
    )
    const rows = await lookUpRows(
      options,
      planned.flatMap(({ plan }) => plan.keys),
    )
    const judged = each(planned, (item) => judgeOne(item, rows))
    const waiting = judged.filter(waits)
    const told = judged.filter((item) => !waits(item))
    const findings = told.flatMap(({ detection }) => detection.findings)
    const statuses = await lookUpStatuses(options, [
      ...findings.map(({ finding }) => finding.driftId),
      ...told.flatMap(({ command }) => command?.driftId ?? []),
    ])
    await reporter.prepare(statuses)
    const around = await lookUpAround(options, findings)
    const kept = await keptOf(waiting)
    const now = options.now()
    const reports = each(told, (item) =>
      item.command ? obeyOne(item, statuses) : reportOne(item, statuses, around, now),
    )
    const pending = each(waiting, (item) => pendingOne(item, kept, now))
    return [...deadLetters, ...reports, ...reporter.statuses(statuses, reports), ...pending]
  }

  function planOne({ record }: { record: InRecord }): Planned[] {
    if (!record.value) throw new TypeError('a raw event without a value')
    const skipped = skippableByHeader(record.headers)
    if (skipped) return none(skipped)
    const event = codecs.rawEvent.decodeSync(record.value)
    if (event.provider === 'tfdrift') return [{ record, event, command: readCommand(event), plan: nothing }]
    const plan = pipeline.plan(event)
    return typeof plan === 'string' ? none(plan) : [{ record, event, plan }]
  }

  function none(outcome: NoFinding): [] {
    metrics.eventsTotal.inc({ outcome })
    return []
  }

  function judgeOne({ plan, ...item }: Planned, rows: Rows): Judged[] {
    const detection = plan.judge(rows)
    if (detection.ignored) metrics.ignoredChangesTotal.inc({}, detection.ignored)
    return [{ ...item, lasting: plan.keys.length > 0, detection }]
  }

  async function keptOf(waiting: readonly Judged[]): Promise<Map<string, PendingChange | null>> {
    const keys = waiting.map(({ event }) => pendingChangeKey(event))
    const known = keys.length > 0 ? await options.findPending(keys) : []
    return new Map(keys.map((key, i) => [key, known[i]!]))
  }

  /** All of an event's findings or none: the statuses change only when every record has been made. */
  function reportOne(
    { record, event, lasting, detection: { findings, reason } }: Judged,
    statuses: Statuses,
    around: Around,
    now: Date,
  ): OutRecord[] {
    const news: Statuses = new Map()
    const origin = { eventKey: rawEventKey(event), event: lasting ? record.value : null, now }
    const records = findings.flatMap(({ finding, reason: silence }) => {
      const { driftId } = finding
      const folded = foldStatus(news.get(driftId) ?? statuses.get(driftId) ?? null, finding, origin)
      const { own } = folded
      const reported =
        silence === null && own
          ? reporter.alert(finding, { ...folded, own }, now, around(finding, folded.row))
          : reporter.step(folded)
      news.set(driftId, reported.row)
      return reported.records
    })
    for (const [driftId, row] of news) statuses.set(driftId, row)
    metrics.eventsTotal.inc({ outcome: reason ?? 'finding' })
    return records
  }

  /** A command about a drift that is not known says nothing. */
  function obeyOne({ command }: Judged, statuses: Statuses): OutRecord[] {
    const { driftId } = command!
    const row = statuses.get(driftId)
    const reported = row && reporter.step(obey(row, command!))
    if (reported) statuses.set(driftId, reported.row)
    metrics.eventsTotal.inc({ outcome: 'command' })
    return reported?.records ?? []
  }

  /** What has waited before, goes on waiting. */
  function pendingOne(
    { record, event }: Judged,
    kept: Map<string, PendingChange | null>,
    now: Date,
  ): OutRecord[] {
    const key = pendingChangeKey(event)
    const since = kept.get(key)?.since ?? now.getTime()
    const value = codecs.pendingChange.encode({ partition: record.partition, since, event })
    metrics.eventsTotal.inc({ outcome: 'waiting' })
    return [{ topic: topic('pending-changes'), key: Buffer.from(key), value }]
  }

  /** A call of Terraform's own that differs: the state may be about to say the same. */
  function waits({ detection: { findings } }: Judged): boolean {
    return findings.some(
      ({ finding, reason }) => reason === null && pipeline.isTerraforms(finding.call.actor),
    )
  }
}

/** A command of an operator is about no row. */
const nothing: Plan = { keys: [], judge: () => ({ findings: [], reason: null }) }

interface Planned {
  record: InRecord
  event: RawEvent
  plan: Plan
  command?: Command
}

interface Judged extends Omit<Planned, 'plan'> {
  detection: Detection
  /** It was judged by rows: newer ones may say something else. */
  lasting: boolean
}
