import { LRUCache } from 'lru-cache'
import { changeNames, keysOfList } from './table-names.ts'
import { encodeGrave, encodeRow, offsetOfRow, valueOfRow } from './table-row.ts'
import type { Store, Write } from './store.ts'

/** Of encoded rows; decoded they take about four times as much. */
const CACHE_BYTES = 16 * 1024 * 1024
const PAGE = 200

/** What a table is made of, and how. */
export interface TableSpec<T extends object> {
  /** Full name of the compacted topic that the table is the fold of. */
  topic: string
  /** Called with values that decode is about to see: looks up their schemas. */
  prepare?: (values: Buffer[]) => Promise<void>
  /** The row of a record; null if it is none (a marker). Throws if the record cannot be read. */
  decode: (key: string, value: Buffer) => T | null
  /** Every name under which find() has this row. */
  namesOf?: (key: string, row: T) => string[]
  /** Stands for what decode and namesOf do: a table that another version has filled is rebuilt. */
  version?: string
}

/** The newest record of each key of a topic, by key and by name. */
export interface Table<T extends object> {
  /** In the order of the keys; null where there is no row. */
  getMany(keys: readonly string[]): Promise<(T | null)[]>
  /** For each name the rows that have it, in the order of their keys. */
  find(names: readonly string[]): Promise<{ key: string; value: T }[][]>
  /** All rows, in the order of their keys. */
  rows(): AsyncIterable<{ key: string; value: T }>
  readonly size: number
}

/** A record of the table's topic, or one that has just been published to it. */
export interface TableRecord {
  partition: number
  offset: number
  key: Buffer | null
  value: Buffer | null
}

/** Writes that are still to be stored, and what is to be done when they are. */
export interface TableChange {
  writes: Write[]
  sizeBy: number
  done(): void
}

/** The half of a table that only its owner (tables.ts) uses. Changes must be made one after the other. */
export interface OwnedTable<T extends object> extends Table<T> {
  /**
   * The change that brings these records in, where they are newer than the rows. `tailed`: they come from the topic
   * itself, so nothing older of their keys can follow.
   */
  change(records: readonly TableRecord[], tailed: boolean): Promise<TableChange>
}

export interface TableOptions<T extends object> {
  store: Store
  rowFamily: string
  nameFamily: string
  spec: TableSpec<T>
  size: () => number
  /** A record that cannot be read takes the row of its key away: so a table that is built later has it, too. */
  onBadRecord: (record: TableRecord, error: Error) => void
}

export function createTable<T extends object>(options: TableOptions<T>): OwnedTable<T> {
  const { store, rowFamily, nameFamily, size, onBadRecord } = options
  const { prepare = async () => {}, decode, namesOf } = options.spec
  const cache = new LRUCache<string, T>({ maxSize: CACHE_BYTES })
  /** How many changes have been made: what was read before one must not enter the cache after it. */
  let changes = 0

  /** The rows among these keys. */
  async function load(keys: readonly string[]): Promise<Map<string, T>> {
    const missing = keys.filter((key) => !cache.has(key))
    const asOf = changes
    const stored = missing.length > 0 ? await store.getMany(rowFamily, missing) : []
    await prepareRows(stored)
    const found = new Map<string, T>()
    for (const [index, key] of missing.entries()) {
      const row = decodeRow(key, stored[index]!)
      if (!row) continue
      found.set(key, row)
      if (changes === asOf) cache.set(key, row, { size: stored[index]!.length })
    }
    for (const key of keys) {
      const row = found.get(key) ?? cache.get(key)
      if (row) found.set(key, row)
    }
    return found
  }
  return { load } as never
}
