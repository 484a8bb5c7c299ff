/** What becomes of a drift and its alerts. */

export type AlertState = 'open' | 'changed' | 'acknowledged' | 'suppressed' | 'expired' | 'resolved'

/** Why an alert has another status than the one that it began with. */
export interface StatusChange {
  by: 'event' | 'state' | 'operator' | 'time'
  /** Who set it back, or the operator. */
  actor: string | null
  /** RFC 3339. */
  at: string
  reason: string | null
  /** When a suppression ends, RFC 3339. */
  until: string | null
}

export interface Verdict {
  slot: string
  time: string
  eventId: string
  differs: boolean
}

export interface Announcement {
  id: string
  /** That it has now. */
  status: AlertState
  /** That it was announced with; null where it has that still. */
  first: AlertState | null
  /** Why it has another one than it began with. */
  change: StatusChange | null
  /** The value of tfdrift.alerts as it was announced; null where it cannot, or need not, be repeated. */
  alert: Buffer | null
}

/** A raw event that has the last word on something that differs. */
export interface Cause {
  eventId: string
  /** The value of tfdrift.raw-events. */
  event: Buffer
}

/** `changed` is a status of alerts alone: their drift is open. */
export type DriftState = Exclude<AlertState, 'changed'>

/** A change of a resource, as alert-status keeps it. */
export interface RecordedChange {
  eventId: string
  /** Epoch milliseconds. */
  time: number
  actor: string
  event: string
  attributes: string[]
}

/** tfdrift.alert-status */
export interface AlertStatus {
  driftId: string
  resourceKey: string
  address: string | null
  status: DriftState
  since: string
  verdicts: Verdict[]
  alerts: Announcement[]
  /** Why the drift has its status. */
  change: StatusChange | null
  /** When something new of it was last announced, in epoch milliseconds. */
  toldAt: number | null
  /** The key of raw-events that its events come under. */
  eventKey: string | null
  causes: Cause[]
  /** Ids of the newest commands that have been carried out. */
  commands: string[]
  /** The newest first. */
  history: RecordedChange[]
}
