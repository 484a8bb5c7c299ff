import type { Store, Write } from './store.ts'
import type { TableRecord, TableSpec } from './table.ts'
import type { TableFamilies } from './table-families.ts'
import { markWrites } from './table-marks.ts'
import { changeOf, type NameChanges, nameWrites } from './table-names.ts'
import type { TableReader } from './table-reader.ts'
import { encodeRow, offsetOfRow, valueOfRow } from './table-row.ts'

/** Writes that bring records into a table. */
export interface TableChange {
  writes: Write[]
  keys: string[]
  /** By how many rows the table grows. */
  growth: number
}

export interface ChangeOptions<T extends object> {
  store: Store
  families: TableFamilies
  spec: TableSpec<T>
  reader: Pick<TableReader<T>, 'decodeStored'>
  /** A record that cannot be read leaves no row: a table built later, when only it is left, has none either. */
  onBadRecord: (record: TableRecord, error: Error) => void
}

/**
 * What brings in those records that are newer than their rows. `tailed`: they are read from the topic, so that nothing
 * older of their keys can follow them. Each change must be stored before the next is planned.
 */
export async function planChange<T extends object>(
  { store, families, spec, reader, onBadRecord }: ChangeOptions<T>,
  records: readonly TableRecord[],
  tailed: boolean,
): Promise<TableChange> {
  const newest = newestOfEachKey(records)
  const keys = [...newest.keys()]
  const before = await store.getMany(families.rows, keys)
  const oldRows = spec.namesOf || spec.marksOf ? await reader.decodeStored(keys, before) : []
  await spec.prepare?.(records.flatMap(({ value }) => value ?? []))

  const writes: Write[] = []
  const names: NameChanges = new Map()
  const marks: NameChanges = new Map()
  let growth = 0
  for (const [index, key] of keys.entries()) {
    const record = newest.get(key)!
    const old = before[index]!
    const write = (value: Buffer | null) => writes.push({ family: families.rows, key, value })
    if (old && offsetOfRow(old) >= record.offset) {
      // The tail has come to the very record that this grave stands for.
      if (tailed && offsetOfRow(old) === record.offset && !valueOfRow(old)) write(null)
      continue
    }
    const row = readRow(key, record)
    if (row) write(encodeRow(record.offset, record.value))
    else if (!tailed) write(encodeRow(record.offset, null))
    else if (old) write(null)
    growth += Number(row !== null) - Number(valueOfRow(old) !== null)
    const oldRow = oldRows[index] ?? null
    noteChanges(names, key, namesOf(key, oldRow), row?.names)
    noteChanges(marks, key, marksOf(key, oldRow), row?.marks)
  }
  const nameLists = await nameWrites(store, families.names, names)
  const markLists = await markWrites(store, families.marks, marks)
  return { writes: [...writes, ...nameLists, ...markLists], keys, growth }

  function readRow(key: string, record: TableRecord): { names: Set<string>; marks: Set<string> } | null {
    if (!record.value) return null
    try {
      const row = spec.decode(key, record.value)
      return row && { names: namesOf(key, row), marks: marksOf(key, row) }
    } catch (error) {
      onBadRecord(record, error as Error)
      return null
    }
  }

  function namesOf(key: string, row: T | null): Set<string> {
    return new Set(row && spec.namesOf?.(key, row))
  }

  function marksOf(key: string, row: T | null): Set<string> {
    return new Set(row && spec.marksOf?.(key, row))
  }
}

function noteChanges(
  changes: NameChanges,
  key: string,
  before: ReadonlySet<string>,
  after: ReadonlySet<string> = new Set(),
): void {
  for (const name of before) if (!after.has(name)) changeOf(changes, name).lost.push(key)
  for (const name of after) if (!before.has(name)) changeOf(changes, name).gained.push(key)
}

/** Records without a key are no rows. */
function newestOfEachKey(records: readonly TableRecord[]): Map<string, TableRecord> {
  const newest = new Map<string, TableRecord>()
  for (const record of records) {
    if (!record.key) continue
    const key = record.key.toString()
    const known = newest.get(key)
    if (!known || known.offset < record.offset) newest.set(key, record)
  }
  return newest
}
