import type { CountedMatch, CountWindow } from '../../schemas/counting-types.ts'
import { type Completed, foldMatch } from './fold.ts'

/** Counts matches that are all at hand, in memory. Returns what rules they fulfil, each stretch once. */
export function countMatches(all: readonly CountedMatch[]): Completed[] {
  const windows = new Map<string, CountWindow>()
  const completed = new Map<string, Completed>()
  for (const counted of all) {
    const folded = foldMatch(counted, (key) => windows.get(key) ?? null, { partition: 0, now: 0 })
    for (const [key, window] of folded.windows) windows.set(key, window)
    for (const one of folded.completed) if (!completed.has(one.key)) completed.set(one.key, one)
  }
  return [...completed.values()]
}
