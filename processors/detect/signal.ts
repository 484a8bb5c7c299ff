import { rawEventKey } from '../../schemas/raw-event-key.ts'
import type { Signal, SignalFinding } from '../finding.ts'
import { sha256 } from '../hash.ts'
import type { Plan } from './detect.ts'

/** A signal is a finding as it comes: it names no resource, so there is nothing to look up. */
export function planSignal(signal: Signal): Plan {
  return {
    keys: [],
    judge: () => ({ findings: [{ finding: toFinding(signal), reason: null }], reason: null, ignored: 0 }),
  }
}

function toFinding(signal: Signal): SignalFinding {
  const { eventId, sourceEvent } = signal
  const key = rawEventKey(signal)
  const id = sha256(`${eventId}|${key}`)
  return {
    id,
    // Nothing else can set it back or change it: each is a drift of its own.
    driftId: id,
    resourceKey: key,
    type: 'signal',
    compared: !signal.tooLittle,
    diffs: [],
    verdicts: [{ slot: 'signal', time: sourceEvent.time, eventId, differs: true }],
    resource: null,
    row: null,
    call: signal,
    signal,
    apiNames: {},
    revertCommand: null,
  }
}
