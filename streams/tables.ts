import type { Batch, Bus, OutRecord, Position } from './bus.ts'
import { type OwnedTable, openTable, type TableStep } from './owned-table.ts'
import { type Store, StoreError } from './store.ts'
import type { Table, TableRecord, TableSpec } from './table.ts'
import type { Rebuild } from './table-meta.ts'

/** How often, within the time that tombstones are kept, it is noted that the tables are up to date. */
const CONFIRMATIONS = 24
const HOUR_MS = 60 * 60 * 1000

export interface TablesOptions<R extends Record<string, object>> {
  bus: Pick<Bus, 'clusterId' | 'offsets' | 'tail'>
  /** With the families of tableFamilies(). */
  store: Store
  /** By the name of the table. */
  tables: { [N in keyof R]: TableSpec<R[N]> }
  /** For how long the log keeps tombstones. */
  deleteRetentionMs: number
  /** The tables cannot go on: the process must end. Called once. */
  onFatal: (error: Error) => void
  onBadRecord?: (table: string, record: TableRecord, error: Error) => void
  /** A table that was there is emptied and read from the beginning. */
  onRebuild?: (table: string, reason: Rebuild) => void
}

/** Tables in a local store that follow their topics: each is the fold of its topic, the newest record of each key. */
export interface Tables<R extends Record<string, object>> {
  readonly table: { readonly [N in keyof R]: Table<R[N]> }
  /** Resolves when everything that the topics hold now has been applied. */
  caughtUp(): Promise<void>
  /**
   * Brings in what this process has just published, so that its next look-up sees it; records of other topics are
   * passed over. The same records come once more from the topic, which changes nothing.
   */
  wrote(records: readonly OutRecord[], positions: readonly Position[]): Promise<void>
  /** Ends following. The store stays open. */
  close(): Promise<void>
}

/** Opens the tables and begins to follow their topics; wait for caughtUp() before the first look-up. */
export async function openTables<R extends Record<string, object>>(
  options: TablesOptions<R>,
): Promise<Tables<R>> {
  const { bus, store, deleteRetentionMs } = options
  const names = Object.keys(options.tables)
  const owned = await Promise.all(
    names.map((name) =>
      openTable({
        name,
        spec: options.tables[name]! as unknown as TableSpec<object>,
        store,
        bus,
        deleteRetentionMs,
        onBadRecord: (record, error) => options.onBadRecord?.(name, record, error),
        onRebuild: (reason) => options.onRebuild?.(name, reason),
      }),
    ),
  )
  let last: Promise<unknown> = Promise.resolve()
  let failed = false
  /** A write that failed may be there all the same: what is stored is what counts. */
  let uncertain = false

  /** Plans and stores one change after the other, whoever makes them. */
  function inTurn(plan: () => Promise<TableStep[]>): Promise<void> {
    const done = last.then(async () => {
      if (uncertain) for (const table of owned) await table.reload()
      uncertain = false
      const steps = await plan()
      uncertain = true
      await store.apply(steps.flatMap(({ writes }) => writes))
      uncertain = false
      for (const step of steps) step.stored()
    })
    last = done.catch((error) => {
      if (error instanceof StoreError && error.code === 'CORRUPT') fail(error)
    })
    return done
  }

  function fail(error: Error): void {
    if (failed) return
    failed = true
    options.onFatal(error)
  }

  function readersOf(topic: string): OwnedTable[] {
    return owned.filter((table) => table.topic === topic)
  }

  function apply({ topic, partition, records, high }: Batch): Promise<void> {
    return inTurn(async () => {
      const readers = readersOf(topic)
      for (const table of readers) table.heard(partition, high)
      return Promise.all(readers.map((table) => table.plan(records, true)))
    })
  }

  async function wrote(records: readonly OutRecord[], positions: readonly Position[]): Promise<void> {
    const parts = owned.map((table) => ({
      table,
      part: records.flatMap(({ topic, key, value }, index) =>
        topic === table.topic ? [{ key, value, ...positions[index]! }] : [],
      ),
    }))
    const touched = parts.filter(({ part }) => part.length > 0)
    if (touched.length === 0) return
    await inTurn(() => Promise.all(touched.map(({ table, part }) => table.plan(part, false))))
  }

  async function caughtUp(): Promise<void> {
    const asOf = Date.now()
    const ends = await Promise.all(owned.map(({ topic }) => bus.offsets(topic)))
    await tail.caughtUp()
    await inTurn(async () =>
      owned.map((table, index) => {
        const next = { ...table.meta.next }
        // The last offsets of a compacted topic may hold no record any more.
        for (const { partition, high } of ends[index]!) next[partition] = Math.max(next[partition] ?? 0, high)
        return table.note({ next, asOf })
      }),
    )
  }

  async function broken(error: Error): Promise<void> {
    // Best effort: if the store is what failed, its next opening finds that out.
    await inTurn(async () => owned.map((table) => table.note({ broken: true }))).catch(() => {})
    fail(error)
  }

  function from(topic: string, partition: number): number {
    return Math.min(...readersOf(topic).map(({ meta }) => meta.next[partition] ?? 0))
  }

  const topics = [...new Set(owned.map(({ topic }) => topic))]
  const tail = await bus.tail({ topics, from, onFatal: broken }, apply)
  const timer = setInterval(
    () => {
      // If it fails, the tail has reported why; unconfirmed, the tables are rebuilt after too long a time.
      caughtUp().catch(() => {})
    },
    Math.min(HOUR_MS, deleteRetentionMs / CONFIRMATIONS),
  )
  timer.unref()

  async function close(): Promise<void> {
    clearInterval(timer)
    await tail.stop()
    await last
  }

  const table = Object.fromEntries(names.map((name, index) => [name, owned[index]!.table]))
  return { table: table as Tables<R>['table'], caughtUp, wrote, close }
}
