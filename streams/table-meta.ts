import type { PartitionOffsets } from './bus.ts'
import type { RangeDelete, Store, Write } from './store.ts'
import { familiesOf, TABLES } from './table-families.ts'

/** Raised when rows or names are stored in another way. */
const FORMAT = 1

/** What the rows of a table are the fold of; stored with every change of them. */
export interface TableMeta {
  format: number
  cluster: string
  topic: string
  version: string
  /** By partition: the next offset to read. */
  next: Record<number, number>
  size: number
  /** Everything that the topic held at this time (epoch milliseconds) has been applied, or will be by reading on. */
  asOf: number
  /** The tail could not go on: what it has missed is not known. */
  broken: boolean
}

/** Why a table that was there is emptied and read from the beginning. */
export type Rebuild =
  | 'another format'
  | 'another cluster'
  | 'another topic'
  | 'another version'
  | 'the log is shorter'
  | 'away for too long'
  | 'the tail broke off'

export function newMeta(origin: Pick<TableMeta, 'cluster' | 'topic' | 'version' | 'asOf'>): TableMeta {
  return { ...origin, format: FORMAT, next: {}, size: 0, broken: false }
}

export async function loadMeta(store: Store, table: string): Promise<TableMeta | null> {
  const [stored] = await store.getMany(TABLES, [table])
  return stored ? JSON.parse(stored.toString()) : null
}

export function metaWrite(table: string, meta: TableMeta): Write {
  return { family: TABLES, key: table, value: Buffer.from(JSON.stringify(meta)) }
}

/** The writes that leave a table without rows. */
export function emptyWrites(table: string): RangeDelete[] {
  // No key in UTF-8 begins with this byte.
  return Object.values(familiesOf(table)).map((family) => ({ family, gte: '', lt: Buffer.from([0xff]) }))
}

/**
 * Why the rows cannot be brought up to date by reading on; null if they can. The log forgets a tombstone after the
 * retention: one that was written and forgotten while the table was away would leave its row for ever.
 */
export function whyRebuild(
  meta: TableMeta,
  wanted: TableMeta,
  ends: readonly PartitionOffsets[],
  deleteRetentionMs: number,
): Rebuild | null {
  if (meta.format !== wanted.format) return 'another format'
  if (meta.cluster !== wanted.cluster) return 'another cluster'
  if (meta.topic !== wanted.topic) return 'another topic'
  if (meta.version !== wanted.version) return 'another version'
  if (meta.broken) return 'the tail broke off'
  const highs = new Map(ends.map(({ partition, high }) => [partition, high]))
  const beyond = ([partition, next]: [string, number]) => next > (highs.get(Number(partition)) ?? 0)
  if (Object.entries(meta.next).some(beyond)) return 'the log is shorter'
  return wanted.asOf - meta.asOf > deleteRetentionMs ? 'away for too long' : null
}
