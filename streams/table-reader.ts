import { createCache } from './cache.ts'
import type { Store } from './store.ts'
import type { Table, TableRow, TableSpec } from './table.ts'
import type { TableFamilies } from './table-families.ts'
import { countMarks, listMarked } from './table-marks.ts'
import { keysOfList } from './table-names.ts'
import { valueOfRow } from './table-row.ts'

/** Of encoded rows; decoded they take about four times as much. */
export const CACHE_BYTES = 16 * 1024 * 1024
const PAGE = 200

export interface TableReader<T extends object>
  extends Pick<Table<T>, 'getMany' | 'find' | 'count' | 'marked' | 'rows'> {
  /** Decodes rows as they are stored; null where there is none. */
  decodeStored(keys: readonly string[], stored: readonly (Buffer | null)[]): Promise<(T | null)[]>
  /** To be called as soon as these rows, or any, have been changed in the store. */
  forget(keys?: Iterable<string>): void
  /** How often that was. */
  readonly changes: number
}

/** Reads rows from the store, through a cache of decoded ones. */
export function tableReader<T extends object>(
  store: Store,
  families: TableFamilies,
  {
    prepare = async () => {},
    decode,
    namesOf,
    cache = createCache<T>({ maxBytes: CACHE_BYTES }),
  }: TableSpec<T>,
): TableReader<T> {
  /** What was read before a change must not enter the cache after it. */
  let changes = 0

  async function load(keys: Iterable<string>): Promise<Map<string, T>> {
    const found = new Map<string, T>()
    const missing: string[] = []
    for (const key of keys) {
      const row = cache.get(key)
      if (row) found.set(key, row)
      else missing.push(key)
    }
    if (missing.length === 0) return found
    const asOf = changes
    const stored = await store.getMany(families.rows, missing)
    for (const [index, row] of (await decodeStored(missing, stored)).entries()) {
      if (!row) continue
      found.set(missing[index]!, row)
      if (changes === asOf) cache.set(missing[index]!, row, stored[index]!.length)
    }
    return found
  }

  async function decodeStored(
    keys: readonly string[],
    stored: readonly (Buffer | null)[],
  ): Promise<(T | null)[]> {
    const values = stored.map(valueOfRow)
    await prepare(values.filter((value) => value !== null))
    return values.map((value, index) => value && decode(keys[index]!, value))
  }

  async function getMany(keys: readonly string[]): Promise<(T | null)[]> {
    const rows = await load(new Set(keys))
    return keys.map((key) => rows.get(key) ?? null)
  }

  async function find(names: readonly string[]): Promise<TableRow<T>[][]> {
    const asOf = changes
    const lists = (await store.getMany(families.names, names)).map(keysOfList)
    const rows = await load(new Set(lists.flat()))
    // A row that has changed since the lists were read may have lost the name.
    const has = (key: string, row: T, name: string) =>
      changes === asOf || new Set(namesOf?.(key, row)).has(name)
    return lists.map((keys, index) =>
      keys.flatMap((key) => {
        const value = rows.get(key)
        return value && has(key, value, names[index]!) ? [{ key, value }] : []
      }),
    )
  }

  async function* rows(): AsyncGenerator<TableRow<T>> {
    let keys: string[] = []
    let stored: Buffer[] = []
    async function decodePage(): Promise<TableRow<T>[]> {
      const values = await decodeStored(keys, stored)
      return keys.flatMap((key, index) => (values[index] ? [{ key, value: values[index] }] : []))
    }
    for await (const { key, value } of store.iterate(families.rows)) {
      if (keys.length === PAGE) {
        yield* await decodePage()
        keys = []
        stored = []
      }
      keys.push(key.toString())
      stored.push(value)
    }
    yield* await decodePage()
  }

  function forget(keys: Iterable<string> = cache.keys()): void {
    changes++
    for (const key of keys) cache.delete(key)
  }

  return {
    getMany,
    find,
    count: (marks) => countMarks(store, families.marks, marks),
    marked: (mark, limit) => listMarked(store, families.marks, mark, limit),
    rows,
    decodeStored,
    forget,
    get changes() {
      return changes
    },
  }
}
