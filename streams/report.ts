import type { Finding } from '../processors/finding.ts'
import type { Pipeline } from '../processors/pipeline.ts'
import type { Folded, OwnAlert } from '../processors/status.ts'
import type { Surroundings } from '../processors/surroundings.ts'
import { createRecorder, type Recorded, type Recorder, type RecordOptions } from './record.ts'

export interface ReportOptions extends RecordOptions {
  pipeline: Pick<Pipeline, 'report'>
}

/** A recorder that asks the pipeline what there is to be said of a finding. */
export interface Reporter extends Omit<Recorder, 'told'> {
  /** The records of one alert, and of what it brings about. */
  alert(
    finding: Finding,
    folded: Folded & { own: OwnAlert },
    detectedAt: Date,
    surroundings?: Surroundings,
  ): Recorded
}

export function createReporter({ pipeline, ...options }: ReportOptions): Reporter {
  const { told, ...recorder } = createRecorder(options)
  return {
    ...recorder,
    alert(finding, folded, detectedAt, surroundings) {
      const report = pipeline.report(finding, folded.own.status, detectedAt, surroundings)
      return told(finding, report, folded, detectedAt)
    },
  }
}
