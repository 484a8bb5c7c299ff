const CHUNK = 512

/** A set of strings in order of their code units. Adding and deleting move a few hundred keys at most. */
export interface SortedKeys {
  add(key: string): void
  delete(key: string): void
  /** The keys with gte <= key < lt, as they are now. */
  slice(range: { gte: string; lt: string | undefined; reverse: boolean; limit: number }): string[]
}

export function createSortedKeys(): SortedKeys {
  /** None is empty, but for the only one. */
  const chunks: string[][] = [[]]

  /** Of the last chunk that begins at or below the key, else of the first. */
  function chunkOf(key: string): number {
    return Math.max(0, firstIndex(chunks.length, (index) => chunks[index]![0]! > key) - 1)
  }

  /** Of the first key at or above this one. */
  function placeOf(chunk: readonly string[], key: string): number {
    return firstIndex(chunk.length, (index) => chunk[index]! >= key)
  }

  function add(key: string): void {
    const index = chunkOf(key)
    const chunk = chunks[index]!
    const place = placeOf(chunk, key)
    if (chunk[place] === key) return
    chunk.splice(place, 0, key)
    if (chunk.length > CHUNK) chunks.splice(index + 1, 0, chunk.splice(CHUNK / 2))
  }

  function remove(key: string): void {
    const index = chunkOf(key)
    const chunk = chunks[index]!
    const place = placeOf(chunk, key)
    if (chunk[place] !== key) return
    chunk.splice(place, 1)
    if (chunk.length === 0 && chunks.length > 1) chunks.splice(index, 1)
  }

  function* ascending(from: string): Generator<string> {
    const first = chunkOf(from)
    for (let index = first; index < chunks.length; index++) {
      const chunk = chunks[index]!
      for (let at = index === first ? placeOf(chunk, from) : 0; at < chunk.length; at++) yield chunk[at]!
    }
  }

  function* descending(below: string | undefined): Generator<string> {
    const last = below === undefined ? chunks.length - 1 : chunkOf(below)
    for (let index = last; index >= 0; index--) {
      const chunk = chunks[index]!
      const end = index === last && below !== undefined ? placeOf(chunk, below) : chunk.length
      for (let at = end - 1; at >= 0; at--) yield chunk[at]!
    }
  }

  function slice({ gte, lt, reverse, limit }: Parameters<SortedKeys['slice']>[0]): string[] {
    const found: string[] = []
    for (const key of reverse ? descending(lt) : ascending(gte)) {
      if (found.length >= limit || (reverse ? key < gte : lt !== undefined && key >= lt)) break
      found.push(key)
    }
    return found
  }

  return { add, delete: remove, slice }
}

/** The first index for which the test holds, if it holds for all that follow; else the length. */
function firstIndex(length: number, test: (index: number) => boolean): number {
  let from = 0
  let to = length
  while (from < to) {
    const middle = (from + to) >>> 1
    if (test(middle)) to = middle
    else from = middle + 1
  }
  return from
}
