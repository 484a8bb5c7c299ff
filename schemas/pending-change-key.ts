import { rawEventKey } from './raw-event-key.ts'
import type { RawEvent } from './types.ts'

/** The key of tfdrift.pending-changes. Falco's copy of a call may tell less of it than the cloud's own. */
export function pendingChangeKey(
  event: Pick<RawEvent, 'provider' | 'account' | 'region' | 'eventId'>,
): string {
  return `${rawEventKey(event)}|${event.provider}|${event.eventId}`
}
