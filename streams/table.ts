import type { Cache } from './cache.ts'

/** What a table is the fold of, and what its rows are. */
export interface TableSpec<T extends object> {
  /** Full name of the compacted topic. */
  topic: string
  /** Called with the values that decode is about to see: looks up their schemas. */
  prepare?: (values: Buffer[]) => Promise<void>
  /** The row of a record; null if it is none (a marker). Throws if the record cannot be read. */
  decode: (key: string, value: Buffer) => T | null
  /** Every name under which find() has this row. */
  namesOf?: (key: string, row: T) => Iterable<string>
  /** What this row is counted and listed under, each once. */
  marksOf?: (key: string, row: T) => Iterable<string>
  /** Keeps decoded rows, of this table alone; a changed row is taken out. */
  cache?: Cache<T>
  /** Stands for what decode, namesOf and marksOf do: a table that another version has filled is rebuilt. */
  version?: string
}

/** The newest record of each key of a topic, by key and by name. Rows are shared: do not change them. */
export interface Table<T extends object> {
  /** In the order of the keys; null where there is no row. */
  getMany(keys: readonly string[]): Promise<(T | null)[]>
  /** For each name the rows that have it, in the order of their keys. */
  find(names: readonly string[]): Promise<TableRow<T>[][]>
  /** How many rows bear each of the marks, at a cost that does not grow with their number. */
  count(marks: readonly string[]): Promise<number[]>
  /** The keys of the first rows that bear a mark, in their order. */
  marked(mark: string, limit: number): Promise<string[]>
  /** All rows, in the order of their keys. */
  rows(): AsyncIterable<TableRow<T>>
  readonly size: number
  /** Grows whenever rows change, from when the table was opened. */
  readonly changes: number
  /** How many records of its topic are still to be applied, as far as is known. */
  readonly lag: number
}

export interface TableRow<T> {
  key: string
  value: T
}

/** A record of the table's topic, read from there or just published. */
export interface TableRecord {
  partition: number
  offset: number
  key: Buffer | null
  value: Buffer | null
}
