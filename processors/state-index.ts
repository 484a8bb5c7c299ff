import type { Mappings } from '../mappings/index.ts'
import type { StateRow } from './finding.ts'
import { keysOf } from './identity.ts'

/** State rows in memory, by every name: what `detect` uses in place of the materialized table. */
export interface StateIndex {
  add(row: StateRow): void
  rows(key: string): readonly StateRow[]
  readonly size: number
}

export function createStateIndex(mappings: Mappings): StateIndex {
  const byKey = new Map<string, StateRow[]>()
  let size = 0
  return {
    add(row) {
      size++
      for (const key of keysOf(row, mappings)) {
        const rows = byKey.get(key)
        if (rows) rows.push(row)
        else byKey.set(key, [row])
      }
    },
    rows: (key) => byKey.get(key) ?? [],
    get size() {
      return size
    },
  }
}
