import type { Mappings } from '../mappings/index.ts'
import type { BlastRadius } from '../schemas/types.ts'
import { blastRadius, dependentMarks, MOST_ADDRESSES, marksOfRow } from './dependents.ts'
import type { StateRow } from './finding.ts'
import { keysOf } from './identity.ts'

/** State rows in memory, by every name: what `detect` uses in place of the materialized table. */
export interface StateIndex {
  add(row: StateRow): void
  rows(key: string): readonly StateRow[]
  /** What depends on a row. */
  blastRadius(row: StateRow): BlastRadius
  readonly size: number
}

export function createStateIndex(mappings: Mappings): StateIndex {
  const byKey = new Map<string, StateRow[]>()
  /** The keys of the rows that bear a mark; sorted when they are asked for. */
  const marked = new Map<string, { keys: string[]; sorted: boolean }>()
  let size = 0

  function mark(name: string, key: string): void {
    const there = marked.get(name)
    if (!there) marked.set(name, { keys: [key], sorted: true })
    else {
      there.keys.push(key)
      there.sorted = false
    }
  }

  function keysMarked(name: string): readonly string[] {
    const there = marked.get(name)
    if (!there) return []
    if (!there.sorted) there.keys.sort(byBytes)
    there.sorted = true
    return there.keys
  }

  return {
    add(row) {
      size++
      for (const key of keysOf(row, mappings)) {
        const rows = byKey.get(key)
        if (rows) rows.push(row)
        else byKey.set(key, [row])
      }
      for (const name of marksOfRow(row)) mark(name, row.key)
    },
    rows: (key) => byKey.get(key) ?? [],
    blastRadius(row) {
      const marks = dependentMarks(row)
      const [direct, indirect] = [keysMarked(marks.direct), keysMarked(marks.indirect)]
      const counts = { direct: direct.length, indirect: indirect.length }
      return blastRadius(row, counts, [
        ...direct.slice(0, MOST_ADDRESSES),
        ...indirect.slice(0, MOST_ADDRESSES),
      ])
    },
    get size() {
      return size
    },
  }
}

/** Like a store's keys. */
function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
