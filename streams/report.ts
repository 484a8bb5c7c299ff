import type { Finding } from '../processors/finding.ts'
import type { Step } from '../processors/life.ts'
import type { Pipeline } from '../processors/pipeline.ts'
import { type Folded, keepAlert, type OwnAlert } from '../processors/status.ts'
import type { Surroundings } from '../processors/surroundings.ts'
import type { TopicName } from '../processors/topology.ts'
import type { Codec } from '../schemas/codec.ts'
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

export interface ReportOptions {
  pipeline: Pick<Pipeline, 'report'>
  /** Full topic names. */
  topic: (name: TopicName) => string
  codecs: {
    diff: Codec<ResourceDiff>
    match: Codec<RuleMatch>
    alert: Codec<Alert>
    alertStatus: Codec<AlertStatus>
  }
  /** Publish alerts of severity info too. */
  info: boolean
  metrics: Pick<Metrics, 'eventLatencySeconds' | 'ruleErrorsTotal'>
}

/** Makes the records that say what was found, and what becomes of it. */
export interface Reporter {
  /** Of one alert, and of what it brings about: its diff, its match, and itself if it is published. */
  alert(
    finding: Finding,
    folded: Folded & { own: OwnAlert },
    detectedAt: Date,
    surroundings?: Surroundings,
  ): Reported
  /** Of what has befallen a drift. */
  step(step: Step): Reported
  /**
   * What is open now. Where alerts are repeated in the records beside it, they must be stored before it says that they
   * have been: else nobody would repeat them after a crash.
   */
  statuses(statuses: Statuses, beside: readonly OutRecord[]): OutRecord[]
  /** Looks up the schemas of the alerts that may be repeated. */
  prepare(statuses: Statuses): Promise<void>
}

export interface Reported {
  row: AlertStatus
  records: OutRecord[]
}

export function createReporter({ pipeline, topic, codecs, info, metrics }: ReportOptions): Reporter {
  const repeated = new WeakSet<OutRecord>()

  function published(alert: Alert, key: Buffer): OutRecord & { value: Buffer } {
    return { topic: topic('alerts'), key, value: codecs.alert.encode(alert), headers: alertHeaders(alert) }
  }

  function repetition(alert: Alert, key: Buffer, status: AlertState, change: StatusChange | null): OutRecord {
    const record = published(withStatus(alert, status, change), key)
    repeated.add(record)
    return record
  }

  function step({ row, repeats }: Step): Reported {
    const key = Buffer.from(row.resourceKey)
    const records = repeats.map(({ alert, status, change }) =>
      repetition(codecs.alert.decodeSync(alert), key, status, change),
    )
    return { row, records }
  }

  return {
    alert(finding, folded, detectedAt, surroundings) {
      const { own } = folded
      const report = pipeline.report(finding, own.status, detectedAt, surroundings)
      const { diff, match, alert, ruleErrors } = report
      const key = Buffer.from(finding.resourceKey)
      const headers = alertHeaders(alert)
      for (const { rule } of ruleErrors) metrics.ruleErrorsTotal.inc({ rule })
      const latency = Math.max(0, detectedAt.getTime() - finding.call.time) / 1000
      metrics.eventLatencySeconds.observe({ provider: finding.call.provider }, latency)
      const { row, records: others } = step(folded)
      const records: OutRecord[] = [
        { topic: topic('diffs'), key, value: codecs.diff.encode(diff), headers },
        { topic: topic('matches'), key, value: codecs.match.encode(match), headers },
      ]
      if (alert.severity === 'info' && !info) return { row, records: [...records, ...others] }
      const first = published({ ...alert, statusChange: own.change }, key)
      const later = own.later && repetition(alert, key, own.later.status, own.later.change)
      return {
        row: keepAlert(row, alert.id, first.value),
        records: [...records, first, ...others, ...(later ? [later] : [])],
      }
    },
    step,
    statuses(statuses, beside) {
      const last = beside.some((record) => repeated.has(record))
      return [...statuses].flatMap(([driftId, status]) => {
        if (!status) return []
        const value = codecs.alertStatus.encode(status)
        return [{ topic: topic('alert-status'), key: Buffer.from(driftId), value, ...(last && { last }) }]
      })
    },
    prepare: (statuses) => codecs.alert.prepare(announced(statuses)),
  }
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
