import type { CountedEvent, CountedMatch } from '../../schemas/counting-types.ts'

/** The first `needed` matches in less than the window of which the last is not before `start`. Sorted by time. */
export function thresholdReached(
  { needed, windowMs }: Pick<CountedMatch, 'needed' | 'windowMs'>,
  sorted: readonly CountedEvent[],
  start: number,
): CountedEvent[] | null {
  for (let last = needed - 1; last < sorted.length; last++) {
    const { time } = sorted[last]!
    const first = last - needed + 1
    if (time >= start && time - sorted[first]!.time < windowMs) return sorted.slice(first, last + 1)
  }
  return null
}
