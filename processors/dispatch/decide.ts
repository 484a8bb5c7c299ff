import type { Alert } from '../../schemas/types.ts'
import { mayHold, type SinkPolicy } from './policy.ts'

/** `left-out`: this sink is not for alerts of that severity. */
export type Decision = 'now' | 'hold' | 'left-out'

/**
 * What becomes of an alert that has been routed to a sink. `isHeld`: an earlier one of its drift waits, and it must not
 * overtake that: even a critical one then goes by the outbox, which sends the two at once, in their order.
 */
export function decide(alert: Pick<Alert, 'severity'>, policy: SinkPolicy, isHeld: boolean): Decision {
  const { severity } = alert
  if (policy.audience === 'people' && (severity === 'low' || severity === 'info')) return 'left-out'
  if (isHeld) return 'hold'
  return severity === 'critical' || !mayHold(policy) ? 'now' : 'hold'
}
