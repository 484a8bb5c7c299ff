import type { RawEvent } from '../../schemas/types.ts'

let last = 0

/**
 * A record of raw-events with its payload. Unless told otherwise alice stops the trail main, one second later than in
 * the event before; `request` is the call's parameters, `record` anything else of the CloudTrail record.
 */
export function aRawEvent(changes: Partial<RawEvent> & { request?: object; record?: object } = {}): RawEvent {
  const { request = { name: 'main' }, record, ...envelope } = changes
  last++
  const raw = {
    eventId: `event-${last}`,
    provider: 'aws' as const,
    account: '123456789012',
    region: 'eu-west-1',
    service: 'cloudtrail.amazonaws.com',
    name: 'StopLogging',
    time: Date.UTC(2026, 2, 1, 10, 0, last),
    readOnly: false,
    failed: false,
    origin: 'test',
    receivedAt: 0,
    ...envelope,
  }
  const userIdentity = { type: 'IAMUser', userName: 'alice' }
  const payload = { eventID: raw.eventId, userIdentity, requestParameters: request, ...record }
  return { payload: JSON.stringify(payload), ...raw }
}
