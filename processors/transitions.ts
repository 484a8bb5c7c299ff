import type { AlertState } from '../schemas/types.ts'

/** What can befall a drift. */
export type DriftEvent =
  /** An event that was not there before makes something differ from the state. */
  | 'drifted'
  /** Of all that differed, the newest event says what the state says. */
  | 'set back'
  /** The state now says what the cloud has, or holds the resource no longer. */
  | 'adopted'
  | 'acknowledge'
  | 'suppress'
  | 'resolve'
  /** The time of a suppression is over. */
  | 'suppression over'
  /** It has stayed as it is for as long as `alerts.expireAfter`. */
  | 'expire'

/**
 * The life of an alert: what becomes of a status by an event; null: nothing, and nothing is announced. The row is that
 * of the drift, and of each of its alerts that is not resolved: all of them go the same way. For `drifted` the cell is
 * the first status of the new alert; the drift's earlier ones stay as they are. A drift that nobody has heard of is
 * `resolved`, and one whose newest alert is `changed` is as open as any.
 */
export const transitions: Record<AlertState, Record<DriftEvent, AlertState | null>> = {
  open: {
    drifted: 'changed',
    'set back': 'resolved',
    adopted: 'resolved',
    acknowledge: 'acknowledged',
    suppress: 'suppressed',
    resolve: 'resolved',
    'suppression over': null,
    expire: 'expired',
  },
  changed: {
    drifted: 'changed',
    'set back': 'resolved',
    adopted: 'resolved',
    acknowledge: 'acknowledged',
    suppress: 'suppressed',
    resolve: 'resolved',
    'suppression over': null,
    expire: 'expired',
  },
  acknowledged: {
    // Nobody has acknowledged that.
    drifted: 'changed',
    'set back': 'resolved',
    adopted: 'resolved',
    acknowledge: null,
    suppress: 'suppressed',
    resolve: 'resolved',
    'suppression over': null,
    // Somebody looks after it, for however long.
    expire: null,
  },
  suppressed: {
    drifted: 'suppressed',
    'set back': 'resolved',
    adopted: 'resolved',
    acknowledge: 'acknowledged',
    // With another reason, until another time.
    suppress: 'suppressed',
    resolve: 'resolved',
    'suppression over': 'open',
    expire: null,
  },
  expired: {
    drifted: 'open',
    'set back': 'resolved',
    adopted: 'resolved',
    acknowledge: 'acknowledged',
    suppress: 'suppressed',
    resolve: 'resolved',
    'suppression over': null,
    expire: null,
  },
  resolved: {
    drifted: 'open',
    'set back': null,
    adopted: null,
    acknowledge: null,
    suppress: null,
    resolve: null,
    'suppression over': null,
    expire: null,
  },
}

export const driftEvents = Object.keys(transitions.open) as DriftEvent[]
