import type { Finding } from '../processors/finding.ts'
import type { Step } from '../processors/life.ts'
import type { Report } from '../processors/pipeline.ts'
import { type Folded, keepAlert, type OwnAlert } from '../processors/status.ts'
import type { TopicName } from '../processors/topology.ts'
import { countedMatchKey } from '../processors/windows/counted-match.ts'
import type { Codec } from '../schemas/codec.ts'
import type { CountedMatch } from '../schemas/counting-types.ts'
import { alertHeaders } from '../schemas/headers.ts'
import type {
  Alert,
  AlertState,
  AlertStatus,
  ResourceDiff,
  RuleMatch,
  StatusChange,
} from '../schemas/types.ts'
import type { OutRecord } from './bus.ts'
import type { Statuses } from './look-ups.ts'
import type { Metrics } from './metrics.ts'

export interface RecordOptions {
  /** Full topic names. */
  topic: (name: TopicName) => string
  codecs: {
    diff: Codec<ResourceDiff>
    match: Codec<RuleMatch>
    alert: Codec<Alert>
    alertStatus: Codec<AlertStatus>
    countedMatch: Codec<CountedMatch>
  }
  /** Publish alerts of severity info too. */
  info: boolean
  metrics: Pick<Metrics, 'eventLatencySeconds' | 'ruleErrorsTotal'>
}

/** Makes the records that say what was found, and what becomes of it. */
export interface Recorder {
  /** Of one alert, and of what it brings about: its diff, its match, itself if it is published, and what it counts as. */
  told(finding: Finding, report: Report, folded: Folded & { own: OwnAlert }, detectedAt: Date): Recorded
  /** Of what has befallen a drift. */
  step(step: Step): Recorded
  /**
   * What is open now. Where alerts are repeated in the records beside it, they must be stored before it says that they
   * have been: else nobody would repeat them after a crash.
   */
  statuses(statuses: Statuses, beside: readonly OutRecord[]): OutRecord[]
  /** Looks up the schemas of the alerts that may be repeated. */
  prepare(statuses: Statuses): Promise<void>
}

export interface Recorded {
  row: AlertStatus
  records: OutRecord[]
}

export function createRecorder({ topic, codecs, info, metrics }: RecordOptions): Recorder {
  const repeated = new WeakSet<OutRecord>()

  function published(alert: Alert, key: Buffer): OutRecord & { value: Buffer } {
    return { topic: topic('alerts'), key, value: codecs.alert.encode(alert), headers: alertHeaders(alert) }
  }

  function repetition(alert: Alert, key: Buffer, status: AlertState, change: StatusChange | null): OutRecord {
    const record = published(withStatus(alert, status, change), key)
    repeated.add(record)
    return record
  }

  function step({ row, repeats }: Step): Recorded {
    const key = Buffer.from(row.resourceKey)
    const records = repeats.map(({ alert, status, change }) =>
      repetition(codecs.alert.decodeSync(alert), key, status, change),
    )
    return { row, records }
  }

  function told(
    finding: Finding,
    report: Report,
    folded: Folded & { own: OwnAlert },
    detectedAt: Date,
  ): Recorded {
    const { own } = folded
    const { diff, match, alert } = report
    const key = Buffer.from(finding.resourceKey)
    const headers = alertHeaders(alert)
    for (const { rule } of report.ruleErrors) metrics.ruleErrorsTotal.inc({ rule })
    const latency = Math.max(0, detectedAt.getTime() - finding.call.time) / 1000
    metrics.eventLatencySeconds.observe({ provider: finding.call.provider }, latency)
    const { row, records: others } = step(folded)
    const records: OutRecord[] = [
      { topic: topic('diffs'), key, value: codecs.diff.encode(diff), headers },
      { topic: topic('matches'), key, value: codecs.match.encode(match), headers },
      ...report.counted.map(({ record }) => ({
        topic: topic('counted-matches'),
        key: Buffer.from(countedMatchKey(record)),
        value: codecs.countedMatch.encode(record),
      })),
    ]
    if (alert.severity === 'info' && !info) return { row, records: [...records, ...others] }
    const first = published({ ...alert, statusChange: own.change }, key)
    const later = own.later && repetition(alert, key, own.later.status, own.later.change)
    return {
      row: keepAlert(row, alert.id, first.value),
      records: [...records, first, ...others, ...(later ? [later] : [])],
    }
  }

  function statuses(all: Statuses, beside: readonly OutRecord[]): OutRecord[] {
    const last = beside.some((record) => repeated.has(record))
    return [...all].flatMap(([driftId, status]) => {
      if (!status) return []
      const value = codecs.alertStatus.encode(status)
      return [{ topic: topic('alert-status'), key: Buffer.from(driftId), value, ...(last && { last }) }]
    })
  }

  return { told, step, statuses, prepare: (all) => codecs.alert.prepare(announced(all)) }
}

function withStatus(alert: Alert, status: AlertState, change: StatusChange | null): Alert {
  return {
    ...alert,
    status,
    statusChange: change,
    resolvedBy: status === 'resolved' ? (change?.by ?? null) : null,
  }
}

function* announced(statuses: Statuses): Iterable<Buffer> {
  for (const status of statuses.values()) {
    for (const { alert } of status?.alerts ?? []) if (alert) yield alert
  }
}
