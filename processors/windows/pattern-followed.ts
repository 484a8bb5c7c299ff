import type { CountedEvent, CountedMatch } from '../../schemas/counting-types.ts'

/**
 * The first matches, of an event each, that are all steps one after the other in less than the window, the last not before
 * `start`. Sorted by time. Logs count whole seconds, so what happened at one time may have happened in any order.
 */
export function patternFollowed(
  { needed, windowMs }: Pick<CountedMatch, 'needed' | 'windowMs'>,
  sorted: readonly CountedEvent[],
  start: number,
): CountedEvent[] | null {
  /** By how many of the steps there have been, the last one aside: of all ways the one that began last. */
  let ways: (CountedEvent[] | undefined)[] = [[]]
  for (const atOnce of byInstant(sorted)) {
    const next = [...ways]
    let whole: CountedEvent[] | undefined
    for (const [done, way] of ways.entries()) {
      if (!way) continue
      for (const more of furtherSteps(atOnce, done, needed)) {
        const longer = [...way, ...more]
        if (longer.length === needed) whole = laterBegun(longer, whole)
        else next[longer.length] = laterBegun(longer, next[longer.length])
      }
    }
    ways = next
    const { time } = atOnce[0]!
    if (whole && time >= start && time - whole[0]!.time < windowMs) return whole
  }
  return null
}

function laterBegun(one: CountedEvent[], other: CountedEvent[] | undefined): CountedEvent[] {
  return other && other[0]!.time >= one[0]!.time ? other : one
}

function byInstant(sorted: readonly CountedEvent[]): CountedEvent[][] {
  const groups: CountedEvent[][] = []
  for (const match of sorted) {
    const last = groups.at(-1)
    if (last && last[0]!.time === match.time) last.push(match)
    else groups.push([match])
  }
  return groups
}

/** Matches of one time that are the next step, the next two, and so on; no event is two of them. */
function furtherSteps(atOnce: readonly CountedEvent[], done: number, needed: number): CountedEvent[][] {
  const found: CountedEvent[][] = []
  /** By event, the step that it is. */
  const taken = new Map<string, { step: number; match: CountedEvent }>()
  for (let step = done; step < needed && place(step, new Set()); step++) {
    const placed = [...taken.values()].sort((a, b) => a.step - b.step)
    found.push(placed.map(({ match }) => match))
  }
  return found

  /** Finds the step an event, for which another may have to give way: augmenting paths. */
  function place(step: number, tried: Set<string>): boolean {
    for (const match of atOnce) {
      const { eventId, steps } = match
      if (!steps.includes(step) || tried.has(eventId)) continue
      tried.add(eventId)
      const other = taken.get(eventId)
      if (other && !place(other.step, tried)) continue
      taken.set(eventId, { step, match })
      return true
    }
    return false
  }
}
