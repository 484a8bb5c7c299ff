import type { Key, Store } from './store.ts'

/** 8 MB: exact enough for some millions of keys. Beyond that more and more look-ups are made for nothing. */
const BITS = 2 ** 26
const HASHES = 4

/**
 * Store.getMany for families that were empty at first and whose keys are all looked up here before they are written: a
 * key that comes for the first time is not asked for. Filling a table is several times faster for it.
 */
export function firstLookups(
  store: Pick<Store, 'getMany'>,
): (family: string, keys: readonly string[]) => Lookups {
  const seen = new Uint8Array(BITS / 8)

  /** Adds the key; false if it was not there before. May be true for a key that never was (a Bloom filter). */
  function addToSeen(family: string, key: string): boolean {
    const [first, second] = hashes(family, key)
    let known = true
    for (let round = 0; round < HASHES; round++) {
      const bit = (first + round * second) % BITS
      const mask = 1 << (bit & 7)
      if ((seen[bit >>> 3]! & mask) === 0) known = false
      seen[bit >>> 3]! |= mask
    }
    return known
  }

  return async function getMany(family, keys) {
    const again: Key[] = []
    const places: number[] = []
    for (const [place, key] of keys.entries()) {
      if (!addToSeen(family, key)) continue
      again.push(key)
      places.push(place)
    }
    const values: (Buffer | null)[] = new Array(keys.length).fill(null)
    const found = await store.getMany(family, again)
    for (const [index, place] of places.entries()) values[place] = found[index]!
    return values
  }
}

type Lookups = Promise<(Buffer | null)[]>

/** Two FNV-1a hashes with different beginnings. */
function hashes(family: string, key: string): [number, number] {
  let first = 0x811c9dc5 ^ family.length
  let second = 0x01234567 ^ family.charCodeAt(family.length - 1)
  for (let at = 0; at < key.length; at++) {
    const unit = key.charCodeAt(at)
    first = Math.imul(first ^ unit, 0x01000193)
    second = Math.imul(second ^ unit, 0x85ebca6b)
  }
  return [(first ^ (first >>> 15)) >>> 0, (second ^ (second >>> 13)) >>> 0]
}
