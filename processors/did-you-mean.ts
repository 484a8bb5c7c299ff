/** The candidate that a mistyped word most likely stands for; null if none is near. */
export function didYouMean(word: string, candidates: readonly string[]): string | null {
  return nearest(word, candidates, 1)[0] ?? null
}

/** So many of the candidates that a mistyped word may stand for, the likeliest first. */
export function nearest(word: string, candidates: Iterable<string>, count: number): string[] {
  // Two swapped letters are two edits.
  const most = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3))
  const near: { candidate: string; edits: number }[] = []
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > most) continue
    const edits = distance(word.toLowerCase(), candidate.toLowerCase())
    if (edits <= most) near.push({ candidate, edits })
  }
  near.sort((a, b) => a.edits - b.edits)
  return near.slice(0, count).map(({ candidate }) => candidate)
}

/** Levenshtein distance: insertions, deletions and replacements that turn a into b. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
