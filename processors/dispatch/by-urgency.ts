import type { Alert } from '../../schemas/types.ts'
import { severities } from '../severity.ts'

/** The most severe first, else in their order; an alert takes the earlier ones of its drift along. */
export function byUrgency<A extends Pick<Alert, 'driftId' | 'severity'>>(alerts: readonly A[]): A[] {
  const ranks = new Map<string, number>()
  const ranked = alerts.toReversed().map((alert) => {
    const rank = Math.min(severities.indexOf(alert.severity), ranks.get(alert.driftId) ?? severities.length)
    ranks.set(alert.driftId, rank)
    return { alert, rank }
  })
  return ranked
    .reverse()
    .sort((a, b) => a.rank - b.rank)
    .map(({ alert }) => alert)
}
