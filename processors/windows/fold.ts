import type { CountedEvent, CountedMatch, CountWindow } from '../../schemas/counting-types.ts'
import { byTime, type Counting, completing } from './completing.ts'
import { countedMatchKey } from './counted-match.ts'

/** Of each sort of a pattern's matches so many are kept of the oldest, and of the newest. */
const KEPT_OF_A_SORT = 100

/** Where a window is kept, and from when on it counts. */
export interface Place {
  key: string
  start: number
}

/** A rule is fulfilled at some time of a stretch. */
export interface Completed extends Place {
  counted: CountedMatch
  /** The matches by which it is, in their order. */
  matches: CountedEvent[]
}

export interface FoldedMatch {
  /** The windows that have changed, by their keys. */
  windows: Map<string, CountWindow>
  completed: Completed[]
}

/**
 * Event time is cut into stretches that are as long as the rule's window. A match is kept in its own, and may be among
 * those by which the rule is fulfilled in its own or in the next; what it takes to tell lies in this, the one before and the
 * one after.
 */
export function placesOf(counted: CountedMatch): [before: Place, own: Place, after: Place] {
  const { windowMs, match } = counted
  const own = Math.floor(match.time / windowMs) * windowMs
  const place = (start: number): Place => ({ key: countWindowKey(counted, start), start })
  return [place(own - windowMs), place(own), place(own + windowMs)]
}

/**
 * Adds a match. The order of arrival, repeats and restarts change nothing: windows hold sets, of which what cannot decide
 * anything any more is left out. A rule is fulfilled once in a stretch; the match by which that shows tells so again when
 * it comes again, since a crash may have lost what was told.
 */
export function foldMatch(
  counted: CountedMatch,
  windowAt: (key: string) => CountWindow | null,
  { partition, now }: { partition: number; now: number },
): FoldedMatch {
  const [before, own, after] = placesOf(counted)
  const known = windowAt(own.key)
  const { windowMs, match } = counted
  const kept = known ?? {
    partition,
    start: own.start,
    windowMs,
    touchedAt: now,
    completedBy: null,
    matches: [],
  }
  const matches = withMatch(counted, kept.matches)
  const changed = matches !== kept.matches
  const window = changed ? { ...kept, partition, touchedAt: now, matches } : kept
  const folded: FoldedMatch = { windows: new Map(changed ? [[own.key, window]] : []), completed: [] }
  complete(own, windowAt(before.key), window)
  complete(after, window, windowAt(after.key))
  return folded

  function complete(place: Place, earlier: CountWindow | null, current: CountWindow | null): void {
    if (!current || (current.completedBy !== null && current.completedBy !== match.id)) return
    const all = [...(earlier?.matches ?? []), ...current.matches]
    const by = completing(counted, all, place.start)
    if (!by) return
    folded.completed.push({ ...place, counted, matches: by })
    if (current.completedBy === null)
      folded.windows.set(place.key, { ...current, completedBy: match.id, touchedAt: now })
  }
}

function countWindowKey(counted: CountedMatch, start: number): string {
  return `${countedMatchKey(counted)}|${counted.version}|${new Date(start).toISOString()}`
}

/** The same list where the match changes nothing. */
function withMatch({ match, ...counting }: CountedMatch, matches: readonly CountedEvent[]): CountedEvent[] {
  const same = matches.find(({ id }) => id === match.id)
  const steps = [...new Set([...(same?.steps ?? []), ...match.steps])].sort((a, b) => a - b)
  if (same && same.steps.length === steps.length) return matches as CountedEvent[]
  const others = matches.filter((one) => one !== same)
  const all = [...others, { ...(same ?? match), steps }].sort(byTime)
  const left = limited(counting, all)
  return left.length === matches.length && left.every((one, i) => one === matches[i])
    ? (matches as CountedEvent[])
    : left
}

/**
 * Of a threshold the newest: where there are as many as it takes, this stretch is decided, and in the next no older one
 * can make a difference. Of a pattern all, up to a limit of each sort: those that may be the same steps.
 */
function limited({ kind, needed }: Counting, sorted: CountedEvent[]): CountedEvent[] {
  if (kind === 'threshold') return sorted.slice(-needed)
  const sorts = new Map<string, CountedEvent[]>()
  for (const one of sorted) {
    const sort = one.steps.join()
    const there = sorts.get(sort)
    if (there) there.push(one)
    else sorts.set(sort, [one])
  }
  const left = new Set(
    [...sorts.values()].flatMap((sort) =>
      sort.length <= 2 * KEPT_OF_A_SORT
        ? sort
        : [...sort.slice(0, KEPT_OF_A_SORT), ...sort.slice(-KEPT_OF_A_SORT)],
    ),
  )
  return left.size === sorted.length ? sorted : sorted.filter((one) => left.has(one))
}
