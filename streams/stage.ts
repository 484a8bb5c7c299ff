import type { Detection, Plan } from '../processors/detect/detect.ts'
import type { Finding, StateRow } from '../processors/finding.ts'
import type { Pipeline } from '../processors/pipeline.ts'
import { foldStatus } from '../processors/status.ts'
import type { TopicName } from '../processors/topology.ts'
import type { Codec } from '../schemas/codec.ts'
import { alertHeaders, skippableByHeader } from '../schemas/headers.ts'
import type { Alert, AlertStatus, RawEvent, ResourceDiff, RuleMatch } from '../schemas/types.ts'
import type { Batch, InRecord, OutRecord } from './bus.ts'
import type { Metrics } from './metrics.ts'

export interface StageOptions {
  pipeline: Pipeline
  /** Full topic names. */
  topic: (name: TopicName) => string
  codecs: {
    rawEvent: Codec<RawEvent>
    diff: Codec<ResourceDiff>
    match: Codec<RuleMatch>
    alert: Codec<Alert>
    alertStatus: Codec<AlertStatus>
  }
  /** State rows by the keys of processors/identity.ts. */
  findRows: (keys: string[]) => Promise<StateRow[][]>
  findStatus: (driftIds: string[]) => Promise<(AlertStatus | null)[]>
  /** Seals a record that cannot be processed. */
  deadLetter: (record: InRecord, error: Error) => OutRecord
  /** Publish alerts of severity info too. */
  info: boolean
  metrics: Metrics
  now: () => Date
}

/**
 * The one stateful stage: a batch of raw events in, the records of diffs, matches, alerts and alert-status out.
 * All look-ups of a batch are made at once. A record that cannot be read becomes a dead letter, and the others go on.
 */
export function createStage(options: StageOptions): (batch: Batch) => Promise<OutRecord[]> {
  const { codecs, pipeline, metrics, topic } = options

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
    const rows = await findRows(planned.flatMap(({ plan }) => plan.keys))
    const judged = each(planned, (item) => judgeOne(item, rows))
    const findings = judged.flatMap(({ detection }) => detection.findings)
    const statuses = await findStatuses(findings.map(({ finding }) => finding.driftId))
    const detectedAt = options.now()
    const reports = each(judged, (item) => reportOne(item, statuses, detectedAt))
    return [...deadLetters, ...reports, ...statusRecords(statuses)]
  }

  function planOne({ record }: { record: InRecord }): Planned[] {
    if (!record.value) throw new TypeError('a raw event without a value')
    const plan = skippableByHeader(record.headers) ?? pipeline.plan(codecs.rawEvent.decodeSync(record.value))
    if (typeof plan !== 'string') return [{ record, plan }]
    metrics.eventsTotal.inc({ outcome: plan })
    return []
  }

  async function findRows(wanted: readonly string[]): Promise<Map<string, StateRow[]>> {
    const keys = [...new Set(wanted)]
    const rows = await options.findRows(keys)
    return new Map(keys.map((key, i) => [key, rows[i]!]))
  }

  function judgeOne({ record, plan }: Planned, rows: Map<string, StateRow[]>): Judged[] {
    return [{ record, detection: plan.judge((key) => rows.get(key) ?? []) }]
  }

  async function findStatuses(wanted: readonly string[]): Promise<Map<string, AlertStatus | null>> {
    const driftIds = [...new Set(wanted)]
    const known = await options.findStatus(driftIds)
    return new Map(driftIds.map((id, i) => [id, known[i]!]))
  }

  /** All of an event's findings or none: the statuses change only when every record has been made. */
  function reportOne(
    { detection: { findings, reason } }: Judged,
    statuses: Map<string, AlertStatus | null>,
    detectedAt: Date,
  ): OutRecord[] {
    const news = new Map<string, AlertStatus>()
    const records = findings.flatMap(({ finding, reason: silence }) => {
      const { driftId } = finding
      const folded = foldStatus(news.get(driftId) ?? statuses.get(driftId) ?? null, finding)
      news.set(driftId, folded.row)
      return silence === null ? alertRecords(finding, folded.status, detectedAt) : []
    })
    for (const [driftId, row] of news) statuses.set(driftId, row)
    metrics.eventsTotal.inc({ outcome: reason ?? 'finding' })
    return records
  }

  function alertRecords(finding: Finding, status: 'open' | 'changed', detectedAt: Date): OutRecord[] {
    const { diff, match, alert } = pipeline.report(finding, status, detectedAt)
    const key = Buffer.from(finding.resourceKey)
    const headers = alertHeaders(alert)
    const latency = Math.max(0, detectedAt.getTime() - finding.call.time) / 1000
    metrics.eventLatencySeconds.observe({ provider: finding.call.provider }, latency)
    const records: OutRecord[] = [
      { topic: topic('diffs'), key, value: codecs.diff.encode(diff), headers },
      { topic: topic('matches'), key, value: codecs.match.encode(match), headers },
    ]
    if (alert.severity !== 'info' || options.info) {
      records.push({ topic: topic('alerts'), key, value: codecs.alert.encode(alert), headers })
    }
    return records
  }

  function statusRecords(statuses: Map<string, AlertStatus | null>): OutRecord[] {
    return [...statuses].flatMap(([driftId, status]) => {
      if (!status) return []
      return [
        { topic: topic('alert-status'), key: Buffer.from(driftId), value: codecs.alertStatus.encode(status) },
      ]
    })
  }
}

interface Planned {
  record: InRecord
  plan: Plan
}

interface Judged {
  record: InRecord
  detection: Detection
}
