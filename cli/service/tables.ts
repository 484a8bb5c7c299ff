import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { StateRow } from '../../processors/finding.ts'
import type { TopicName } from '../../processors/topology.ts'
import type { CountWindow } from '../../schemas/counting-types.ts'
import type { AlertStatus, BlastRadius, Delivery, HeldAlert, PendingChange } from '../../schemas/types.ts'
import type { Bus, OutRecord, Position } from '../../streams/bus.ts'
import { createCache } from '../../streams/cache.ts'
import type { Logger } from '../../streams/logger.ts'
import type { Metrics } from '../../streams/metrics.ts'
import { openStoreOrRebuild } from '../../streams/open-store.ts'
import type { Store } from '../../streams/store.ts'
import type { TableRow } from '../../streams/table.ts'
import { tableFamilies } from '../../streams/table-families.ts'
import type { Rebuild } from '../../streams/table-meta.ts'
import { CACHE_BYTES } from '../../streams/table-reader.ts'
import { openTables } from '../../streams/tables.ts'
import type { Config } from '../config/load.ts'
import { safeMessage } from '../log.ts'
import { cacheMetrics, limitsOf } from './cache-metrics.ts'
import type { Codecs } from './codecs.ts'
import { openName, suppressedName } from './drift-names.ts'
import { findDependents } from './find-dependents.ts'
import { outboxDrift, outboxParts } from './outbox-names.ts'
import { LOCKS, markerKey, partitionName, type Rows, type StateEntry, tableSpecs } from './table-specs.ts'

/** The tables of this process, by what they are asked. */
export interface ServiceTables {
  store: Store
  findRows(keys: readonly string[]): Promise<StateRow[][]>
  findDependents(rows: readonly StateRow[]): Promise<BlastRadius[]>
  findStatus(driftIds: readonly string[]): Promise<(AlertStatus | null)[]>
  findDeliveries(keys: readonly string[]): Promise<(Delivery | null)[]>
  findPending(keys: readonly string[]): Promise<(PendingChange | null)[]>
  /** Of a partition of raw-events the drifts that are not resolved, in some of DRIFT_BUCKETS buckets. */
  openDrifts(partition: number, from: number, to: number): Promise<AlertStatus[]>
  suppressedDrifts(partition: number): Promise<AlertStatus[]>
  /** What waits, of a partition of raw-events. */
  pendingOf(partition: number): Promise<TableRow<PendingChange>[]>
  /** All that waits. */
  pendingRows(): AsyncIterable<TableRow<PendingChange>>
  findWindows(keys: readonly string[]): Promise<(CountWindow | null)[]>
  /** What has been counted, of a partition of counted-matches. */
  windowsOf(partition: number): Promise<TableRow<CountWindow>[]>
  /** What of these drifts waits for a sink, a list for each drift. */
  heldOf(sink: string, driftIds: readonly string[]): Promise<TableRow<HeldAlert>[][]>
  /** All that waits for a sink. */
  outboxOf(sink: string): Promise<TableRow<HeldAlert>[]>
  /** Changes whenever rows of the outbox do. */
  outboxRevision(): number
  /** Changes whenever rows of the state do. */
  stateRevision(): number
  /** The sources of the states whose lock somebody holds. */
  lockedStates(): Promise<ReadonlySet<string>>
  /** Whether the log has lost a state, or never had it: the position of its source cannot be relied on. */
  isLost(source: string): Promise<boolean>
  /** Resolves when a complete generation of every one of these states is in the table. */
  statesThere(sources: readonly string[]): Promise<void>
  caughtUp(): Promise<void>
  /** Brings the metrics of the tables up to date. */
  observe(): void
  wrote(records: readonly OutRecord[], positions: readonly Position[]): Promise<void>
  close(): Promise<void>
}

interface TablesOptions {
  config: Config
  bus: Bus
  codecs: Codecs
  topic: (name: TopicName) => string
  metrics: Metrics
  log: Logger
  onFatal: (error: Error) => void
  /** Further families of the store. */
  families: string[]
}

/** For how long the log keeps tombstones: a table that has not been followed for longer is read anew. */
const DELETE_RETENTION_MS = 24 * 60 * 60 * 1000

/** Why the state table is built again where the log is not the one, or not all of it, that states were published to. */
const losses = new Set<Rebuild>([
  'another cluster',
  'another topic',
  'the log is shorter',
  'the tail broke off',
])

export async function openServiceTables(options: TablesOptions): Promise<ServiceTables> {
  const { config, bus, metrics, log, onFatal, families } = options
  const opened = Date.now()
  const stateRows = createCache<StateEntry>({ ...limitsOf(config.caches.stateRows), maxBytes: CACHE_BYTES })
  const observeCaches = cacheMetrics(metrics, { stateRows })
  const specs = tableSpecs(options, stateRows)
  let anotherLog = false
  const store = await openStoreOrRebuild(
    path.join(config.dataDir, 'tables'),
    [...tableFamilies(Object.keys(specs)), ...families],
    log,
    () => metrics.stateStoreRebuildsTotal.inc({ reason: 'corrupt' }),
  )
  const tables = await openTables<Rows>({
    bus,
    store,
    tables: specs,
    deleteRetentionMs: DELETE_RETENTION_MS,
    onFatal,
    onRebuild(table, reason) {
      if (table === 'state' && losses.has(reason)) anotherLog = true
      metrics.stateStoreRebuildsTotal.inc({ reason })
      log.info({ table, reason }, 'the table is built again from its topic')
    },
    onBadRecord(table, { partition, offset }, error) {
      metrics.deadLettersTotal.inc({ stage: `table.${table}`, code: error.name })
      log.error(
        { table, partition, offset, error: safeMessage(error) },
        'a record of the table cannot be read',
      )
    },
  })
  await tables.caughtUp()
  const { state, alertStatus, deliveries, pending, windows, outbox } = tables.table

  metrics.tableBootstrapSeconds.set({ table: 'all' }, (Date.now() - opened) / 1000)

  function observe(): void {
    for (const [table, { size, lag }] of Object.entries(tables.table)) {
      metrics.tableReady.set({ table }, 1)
      metrics.tableRows.set({ table }, size)
      metrics.tableLag.set({ table }, lag)
    }
    observeCaches()
    metrics.settleWaiting.set({}, pending.size)
  }

  async function lockedStates(): Promise<ReadonlySet<string>> {
    const [locks] = await state.find([LOCKS])
    return new Set(locks!.map(({ value: { source } }) => source))
  }

  async function isLost(source: string): Promise<boolean> {
    if (anotherLog) return true
    const [markers] = await state.find([markerKey(source)])
    return markers!.length === 0
  }

  async function statesThere(sources: readonly string[]): Promise<void> {
    const missing = await waitFor(sources, async (source) => {
      const [markers] = await state.find([markerKey(source)])
      return markers!.length > 0
    })
    if (missing.length > 0) {
      log.warn(
        { states: missing },
        'going on without these states: their resources will look unmanaged until they come',
      )
    }
    // The marker is the last of its generation, but partitions are read side by side.
    await tables.caughtUp()
  }

  return {
    store,
    async findRows(keys) {
      const found = await state.find(keys)
      return found.map((entries) => entries.flatMap(({ value: { row } }) => (row ? [row] : [])))
    },
    findDependents: (rows) => findDependents(state, rows),
    findStatus: (driftIds) => alertStatus.getMany(driftIds),
    async openDrifts(partition, from, to) {
      const names = Array.from({ length: to - from }, (_, i) => openName(partition, from + i))
      return (await alertStatus.find(names)).flat().map(({ value }) => value)
    },
    async suppressedDrifts(partition) {
      return (await alertStatus.find([suppressedName(partition)]))[0]!.map(({ value }) => value)
    },
    findDeliveries: (keys) => deliveries.getMany(keys),
    findPending: (keys) => pending.getMany(keys),
    pendingOf: async (partition) => (await pending.find([partitionName(partition)]))[0]!,
    pendingRows: () => pending.rows(),
    findWindows: (keys) => windows.getMany(keys),
    windowsOf: async (partition) => (await windows.find([partitionName(partition)]))[0]!,
    heldOf: (sink, driftIds) => outbox.find(driftIds.map((driftId) => outboxDrift(sink, driftId))),
    outboxOf: async (sink) => (await outbox.find(outboxParts(sink))).flat(),
    outboxRevision: () => outbox.changes,
    stateRevision: () => state.changes,
    lockedStates,
    isLost,
    statesThere,
    caughtUp: tables.caughtUp,
    observe,
    wrote: tables.wrote,
    async close() {
      await tables.close()
      await store.close()
    },
  }
}

/** How long a state that another process publishes may be missing. */
const STATES_WITHIN_MS = 60_000
const LOOK_EVERY_MS = 50

/** Waits until each of them is there; returns those that are not, in time. */
async function waitFor(
  sources: readonly string[],
  isThere: (source: string) => Promise<boolean>,
): Promise<string[]> {
  const end = Date.now() + STATES_WITHIN_MS
  let missing = [...sources]
  while (missing.length > 0) {
    const answers = await Promise.all(missing.map(isThere))
    missing = missing.filter((_, i) => !answers[i])
    if (missing.length === 0 || Date.now() > end) break
    await pause(LOOK_EVERY_MS)
  }
  return missing
}
