/** A place that events come from, with one event that differs from the state. */
export interface Entrance {
  /** The source's configuration. */
  source: object
  /** Lets the event in. */
  send(): Promise<void>
  /** Whether the place knows that the event has been taken. */
  acknowledged(): Promise<boolean>
  close(): Promise<void>
}

export interface EntranceKind {
  name: string
  /** Its peer is not there. */
  missing: boolean
  /** What the state holds. */
  state: { type: string; attributes: object }
  open(): Promise<Entrance>
  /** What the alert must have. */
  alert: object
}
