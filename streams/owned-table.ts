import type { Bus } from './bus.ts'
import type { Store, Write } from './store.ts'
import type { Table, TableRecord, TableSpec } from './table.ts'
import { planChange, type TableChange } from './table-change.ts'
import { familiesOf } from './table-families.ts'
import {
  emptyWrites,
  loadMeta,
  metaWrite,
  newMeta,
  type Rebuild,
  type TableMeta,
  whyRebuild,
} from './table-meta.ts'
import { tableReader } from './table-reader.ts'

/** One table as its owner (tables.ts) sees it: what is planned here is stored there, one step after the other. */
export interface OwnedTable {
  readonly topic: string
  readonly table: Table<object>
  readonly meta: TableMeta
  /** The step that brings in what is newer than the rows; see planChange. */
  plan(records: readonly TableRecord[], tailed: boolean): Promise<TableStep>
  /** The step that only changes the meta. */
  note(news: Partial<TableMeta>): TableStep
  /** Forgets what is known of the store, and learns it anew. */
  reload(): Promise<void>
  /** How far the topic goes, as was just heard. */
  heard(partition: number, high: number): void
}

export interface TableStep {
  writes: Write[]
  /** To be called as soon as the writes are stored. */
  stored(): void
}

export interface OwnedTableOptions {
  name: string
  spec: TableSpec<object>
  store: Store
  bus: Pick<Bus, 'clusterId' | 'offsets'>
  deleteRetentionMs: number
  onBadRecord: (record: TableRecord, error: Error) => void
  onRebuild: (reason: Rebuild) => void
}

/** Opens a table as the store has it, or empties it if reading on cannot bring it up to date. */
export async function openTable(options: OwnedTableOptions): Promise<OwnedTable> {
  const { name, spec, store, bus, onBadRecord } = options
  const { topic, version = '' } = spec
  const families = familiesOf(name)
  const reader = tableReader(store, families, spec)
  const ends = await bus.offsets(topic)
  const highs = new Map(ends.map(({ partition, high }) => [partition, high]))
  let meta = await openMeta()

  async function openMeta(): Promise<TableMeta> {
    const fresh = newMeta({ cluster: await bus.clusterId(), topic, version, asOf: Date.now() })
    const known = await loadMeta(store, name)
    const reason = known && whyRebuild(known, fresh, ends, options.deleteRetentionMs)
    if (known && !reason) return known
    if (reason) options.onRebuild(reason)
    await store.apply([...emptyWrites(name), metaWrite(name, fresh)])
    return fresh
  }

  async function plan(records: readonly TableRecord[], tailed: boolean): Promise<TableStep> {
    const news = records.filter(({ partition, offset }) => offset >= nextOf(partition))
    const change = await planChange({ store, families, spec, reader, onBadRecord }, news, tailed)
    const next = { ...meta.next }
    if (tailed) for (const { partition, offset } of news) next[partition] = offset + 1
    return step({ ...meta, next, size: meta.size + change.growth }, change)
  }

  function step(news: TableMeta, { writes, keys }: TableChange): TableStep {
    return {
      writes: [...writes, metaWrite(name, news)],
      stored() {
        meta = news
        if (keys.length > 0) reader.forget(keys)
      },
    }
  }

  function nextOf(partition: number): number {
    return meta.next[partition] ?? 0
  }

  function lag(): number {
    let records = 0
    for (const [partition, high] of highs) records += Math.max(0, high - nextOf(partition))
    return records
  }

  return {
    topic,
    table: {
      getMany: reader.getMany,
      find: reader.find,
      count: reader.count,
      marked: reader.marked,
      rows: reader.rows,
      get size() {
        return meta.size
      },
      get changes() {
        return reader.changes
      },
      get lag() {
        return lag()
      },
    },
    get meta() {
      return meta
    },
    plan,
    note: (news) => step({ ...meta, ...news }, { writes: [], keys: [], growth: 0 }),
    async reload() {
      meta = (await loadMeta(store, name)) ?? meta
      reader.forget()
    },
    heard: (partition, high) => void highs.set(partition, high),
  }
}
