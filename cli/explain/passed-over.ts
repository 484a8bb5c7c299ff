import type { SkippedRecord } from '../detect/read-inputs.ts'
import type { PassedOver } from './explanation.ts'

const reasons: Record<SkippedRecord['skipped'], string> = {
  'data-event': 'It is about content, not about a resource.',
  insight: "It is CloudTrail's finding of unusual activity, not a call.",
  aggregated: 'It counts events, and is none itself.',
  digest: 'It is a digest of files, not a call.',
  notification: 'It names files of events, and holds none.',
  'control-message': 'It is a test message, not a call.',
  'call-started': 'It is the beginning of a call; the outcome is a record of its own.',
  'other-event': 'It is not a call.',
}

/** A record that the source passed over, so that no event came of it. */
export function explainPassedOver(id: string, { skipped, origin }: SkippedRecord): PassedOver {
  const because = `It was read from ${origin} and passed over. ${reasons[skipped]}`
  const event = { id, readFrom: [origin] }
  return { event, outcome: 'No alert: it is no event of a change.', admission: { admitted: false, because } }
}
