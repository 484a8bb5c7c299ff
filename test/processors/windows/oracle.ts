import fc from 'fast-check'
import type { CountedEvent, CountedMatch } from '../../../schemas/counting-types.ts'
import { aCountedEvent, aCountedMatch } from './a-counted-match.ts'

/**
 * The starts of the stretches in which the rule is fulfilled, straight from its definition, over all that was
 * counted under one key.
 */
export function fulfilledIn(all: readonly CountedMatch[]): number[] {
  const { kind, needed, windowMs } = all[0]!
  const matches = [...new Map(all.map(({ match }) => [match.id, match])).values()]
  const times =
    kind === 'threshold'
      ? timesOfThreshold(matches, needed, windowMs)
      : timesOfPattern(matches, needed, windowMs)
  return [...new Set(times.map((time) => Math.floor(time / windowMs) * windowMs))].sort((a, b) => a - b)
}

/** When a match comes with which there have been enough. */
function timesOfThreshold(matches: readonly CountedEvent[], needed: number, windowMs: number): number[] {
  const within = (end: number) => matches.filter(({ time }) => time > end - windowMs && time <= end)
  return matches.map(({ time }) => time).filter((time) => within(time).length >= needed)
}

/** When the last step is taken, of every way to take them all. */
function timesOfPattern(matches: readonly CountedEvent[], needed: number, windowMs: number): number[] {
  function ends(taken: readonly CountedEvent[]): number[] {
    if (taken.length === needed) return [taken.at(-1)!.time]
    const next = matches.filter(
      (match) =>
        match.steps.includes(taken.length) &&
        taken.every(({ eventId, time }) => eventId !== match.eventId && time <= match.time) &&
        match.time - (taken[0] ?? match).time < windowMs,
    )
    return next.flatMap((match) => ends([...taken, match]))
  }
  return ends([])
}

/** Matches of one rule, many of them at one time or of one event, with repeats. */
export const someMatches: fc.Arbitrary<CountedMatch[]> = fc
  .record({
    kind: fc.constantFrom('threshold' as const, 'pattern' as const),
    needed: fc.integer({ min: 2, max: 4 }),
    events: fc.array(
      fc.record({
        time: fc.integer({ min: -15, max: 35 }),
        steps: fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 2 }),
        resources: fc.integer({ min: 1, max: 2 }),
        times: fc.integer({ min: 1, max: 2 }),
        actor: fc.constantFrom('alice', 'bob'),
      }),
      { minLength: 1, maxLength: 12 },
    ),
  })
  .map(({ kind, needed, events }) =>
    events.flatMap(({ time, steps, resources, times, actor }, n) => {
      const of = (resource: number) =>
        aCountedMatch({
          kind,
          needed,
          by: [{ name: 'actor', value: actor }],
          match: aCountedEvent({
            id: `e-${n} ${resource}`,
            eventId: `e-${n}`,
            time,
            steps: kind === 'pattern' ? [...steps].sort() : [0],
          }),
        })
      return Array.from({ length: times }, () => Array.from({ length: resources }, (_, r) => of(r))).flat()
    }),
  )
