import type { Finding } from '../processors/finding.ts'
import type { Pipeline } from '../processors/pipeline.ts'
import type { Surroundings } from '../processors/surroundings.ts'
import type { TopicName } from '../processors/topology.ts'
import type { Codec } from '../schemas/codec.ts'
import { alertHeaders } from '../schemas/headers.ts'
import type { Alert, AlertStatus, ResourceDiff, RuleMatch } from '../schemas/types.ts'
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

/** Makes the records that say what was found. */
export interface Reporter {
  /** Of one alert: its diff, its match, and itself if it is published. */
  alert(
    finding: Finding,
    status: 'open' | 'changed',
    detectedAt: Date,
    surroundings?: Surroundings,
  ): OutRecord[]
  statuses(statuses: Statuses): OutRecord[]
}

export function createReporter({ pipeline, topic, codecs, info, metrics }: ReportOptions): Reporter {
  return {
    alert(finding, status, detectedAt, surroundings) {
      const { diff, match, alert, ruleErrors } = pipeline.report(finding, status, detectedAt, surroundings)
      const key = Buffer.from(finding.resourceKey)
      const headers = alertHeaders(alert)
      for (const { rule } of ruleErrors) metrics.ruleErrorsTotal.inc({ rule })
      const latency = Math.max(0, detectedAt.getTime() - finding.call.time) / 1000
      metrics.eventLatencySeconds.observe({ provider: finding.call.provider }, latency)
      const records: OutRecord[] = [
        { topic: topic('diffs'), key, value: codecs.diff.encode(diff), headers },
        { topic: topic('matches'), key, value: codecs.match.encode(match), headers },
      ]
      if (alert.severity !== 'info' || info) {
        records.push({ topic: topic('alerts'), key, value: codecs.alert.encode(alert), headers })
      }
      return records
    },
    statuses: (statuses) =>
      [...statuses].flatMap(([driftId, status]) => {
        if (!status) return []
        const value = codecs.alertStatus.encode(status)
        return [{ topic: topic('alert-status'), key: Buffer.from(driftId), value }]
      }),
  }
}
