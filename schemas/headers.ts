import type { Alert, RawEvent } from './types.ts'

type Headers = Record<string, string>

/** Headers of raw-events: what lets a consumer skip a record without decoding it. */
export function rawEventHeaders(event: RawEvent): Headers {
  return {
    'tfdrift-event-id': event.eventId,
    'tfdrift-event-time': new Date(event.time).toISOString(),
    'tfdrift-event-name': event.name,
    'tfdrift-read-only': event.readOnly === null ? 'unknown' : String(event.readOnly),
    'tfdrift-outcome': event.failed ? 'failure' : 'success',
  }
}

/** What the headers of a raw event alone say; a record without them must be decoded. */
export function skippableByHeader(headers: Headers): 'failed' | 'read-only' | null {
  if (headers['tfdrift-outcome'] === 'failure') return 'failed'
  return headers['tfdrift-read-only'] === 'true' ? 'read-only' : null
}

/** Headers of diffs, matches and alerts. */
export function alertHeaders(alert: Pick<Alert, 'id' | 'severity' | 'sourceEvent'>): Headers {
  return {
    'tfdrift-alert-id': alert.id,
    'tfdrift-severity': alert.severity,
    'tfdrift-event-id': alert.sourceEvent.id,
    'tfdrift-event-time': alert.sourceEvent.time,
    'tfdrift-event-name': alert.sourceEvent.name,
  }
}

/** What the headers of an alert alone say; undefined: it must be decoded. */
export function severityByHeader(headers: Headers): string | undefined {
  return headers['tfdrift-severity']
}
