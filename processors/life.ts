import type { AlertState, AlertStatus, DriftState, StatusChange } from '../schemas/types.ts'
import { type DriftEvent, transitions } from './transitions.ts'

/** A drift after something has befallen it. */
export interface Step {
  row: AlertStatus
  /** What is to be published: alerts of before, under their ids, with another status. */
  repeats: Repeat[]
}

export interface Repeat {
  /** The value of tfdrift.alerts as it was announced. */
  alert: Buffer
  status: AlertState
  change: StatusChange
}

/** Takes a drift, and each of its alerts that is not resolved, one step further; but for `drifted`, see status.ts. */
export function advance(row: AlertStatus, event: Exclude<DriftEvent, 'drifted'>, change: StatusChange): Step {
  const next = transitions[row.status][event]
  if (next === null) return { row, repeats: [] }
  const repeats: Repeat[] = []
  const alerts = row.alerts.map((one) => {
    const status = transitions[one.status][event]
    if (status === null || status === one.status) return one
    if (one.alert) repeats.push({ alert: one.alert, status, change })
    // What is resolved is not repeated any more.
    const alert = status === 'resolved' ? null : one.alert
    return { ...one, status, first: one.first ?? one.status, change, alert }
  })
  const status = driftState(next)
  const causes = status === 'resolved' ? [] : row.causes
  return { row: { ...row, status, alerts, change, causes }, repeats }
}

export function driftState(status: AlertState): DriftState {
  return status === 'changed' ? 'open' : status
}

/** Ends a suppression whose time is over. */
export function endSuppression(row: AlertStatus, now: Date): Step {
  const until = row.change?.until
  if (row.status !== 'suppressed' || !until || Date.parse(until) > now.getTime()) return { row, repeats: [] }
  const change = { ...byTime(now), reason: 'the suppression is over' }
  const step = advance(row, 'suppression over', change)
  return { ...step, row: { ...step.row, toldAt: now.getTime() } }
}

/** When a drift that stays as it is expires, in epoch milliseconds; null: never. */
export function expiryOf(
  { status, toldAt, since }: AlertStatus,
  expireAfterMs: number | null,
): number | null {
  if (expireAfterMs === null || transitions[status].expire === null) return null
  return (toldAt ?? Date.parse(since)) + expireAfterMs
}

export function expire(row: AlertStatus, now: Date): Step {
  return advance(row, 'expire', { ...byTime(now), reason: 'it has been open for too long' })
}

function byTime(now: Date): StatusChange {
  return { by: 'time', actor: null, at: now.toISOString(), reason: null, until: null }
}
