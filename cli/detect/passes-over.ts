import { admitEnvelope } from '../../processors/normalize/normalize.ts'
import type { RawEvent } from '../../schemas/types.ts'

/** The events that their envelopes alone decide: nobody reads their payload. */
export function passesOver(envelope: Pick<RawEvent, 'readOnly' | 'failed'>): boolean {
  return admitEnvelope(envelope) !== null
}
