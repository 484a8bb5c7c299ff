import type { CountedEvent, CountedMatch } from '../../schemas/counting-types.ts'
import { patternFollowed } from './pattern-followed.ts'
import { thresholdReached } from './threshold-reached.ts'

export type Counting = Pick<CountedMatch, 'kind' | 'needed' | 'windowMs'>

/**
 * The matches by which a rule is fulfilled at its earliest time from `start` on; null where it is not. What is added
 * to the matches never takes that away: it is a matter of there being such matches, not of others being absent.
 */
export function completing(
  counting: Counting,
  matches: readonly CountedEvent[],
  start: number,
): CountedEvent[] | null {
  const sorted = [...matches].sort(byTime)
  return counting.kind === 'threshold'
    ? thresholdReached(counting, sorted, start)
    : patternFollowed(counting, sorted, start)
}

/** The order of events; at one time there is none, and the id stands in for it. */
export function byTime(a: CountedEvent, b: CountedEvent): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}
