import type { Finding } from '../processors/finding.ts'
import type { Pipeline, Report } from '../processors/pipeline.ts'
import type { TopicName } from '../processors/topology.ts'
import { countedMatchKey } from '../processors/windows/counted-match.ts'
import type { Codec } from '../schemas/codec.ts'
import type { CountedMatch } from '../schemas/counting-types.ts'
import { alertHeaders } from '../schemas/headers.ts'
import type { Alert, AlertStatus, ResourceDiff, RuleMatch } from '../schemas/types.ts'
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
  metrics: Pick<Metrics, 'eventLatencySeconds'>
}

export interface ReportOptions extends RecordOptions {
  pipeline: Pick<Pipeline, 'report'>
}

/** Makes the records that say what was found. */
export interface Recorder {
  /** Of one alert: its diff, its match, itself if it is published, and what it counts as. */
  told(finding: Finding, report: Report, detectedAt: Date): OutRecord[]
  statuses(statuses: Statuses): OutRecord[]
}

export interface Reporter extends Pick<Recorder, 'statuses'> {
  /** The records of one alert. */
  alert(finding: Finding, status: 'open' | 'changed', detectedAt: Date): OutRecord[]
}

export function createReporter({ pipeline, ...options }: ReportOptions): Reporter {
  const recorder = createRecorder(options)
  return {
    alert: (finding, status, detectedAt) =>
      recorder.told(finding, pipeline.report(finding, status, detectedAt), detectedAt),
    statuses: recorder.statuses,
  }
}

export function createRecorder({ topic, codecs, info, metrics }: RecordOptions): Recorder {
  return {
    told(finding, { diff, match, alert, counted }, detectedAt) {
      const key = Buffer.from(finding.resourceKey)
      const headers = alertHeaders(alert)
      const latency = Math.max(0, detectedAt.getTime() - finding.call.time) / 1000
      metrics.eventLatencySeconds.observe({ provider: finding.call.provider }, latency)
      const records: OutRecord[] = [
        { topic: topic('diffs'), key, value: codecs.diff.encode(diff), headers },
        { topic: topic('matches'), key, value: codecs.match.encode(match), headers },
      ]
      if (alert.severity !== 'info' || info) {
        records.push({ topic: topic('alerts'), key, value: codecs.alert.encode(alert), headers })
      }
      for (const { record: one } of counted) {
        const value = codecs.countedMatch.encode(one)
        records.push({ topic: topic('counted-matches'), key: Buffer.from(countedMatchKey(one)), value })
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
