import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { loadMappings } from '../../mappings/index.ts'
import type { StateRow } from '../../processors/finding.ts'
import { keysOf } from '../../processors/identity.ts'
import { stateRow } from '../../processors/state-row.ts'
import type { TopicName } from '../../processors/topology.ts'
import { mapCodec } from '../../schemas/map-codec.ts'
import type { AlertStatus, Delivery } from '../../schemas/types.ts'
import type { Bus, OutRecord, Position } from '../../streams/bus.ts'
import { openTables, type Table, tableFamilies } from '../../streams/interim-table.ts'
import type { Logger } from '../../streams/logger.ts'
import type { Metrics } from '../../streams/metrics.ts'
import { openStoreOrRebuild } from '../../streams/open-store.ts'
import type { Store } from '../../streams/store.ts'
import type { Config } from '../config/load.ts'
import type { Codecs } from './codecs.ts'

/** What an entry of the state table is: a row, or the marker of a complete generation. */
interface StateEntry {
  source: string
  row: StateRow | null
}

/** The tables of this process, by what they are asked. */
export interface ServiceTables {
  store: Store
  findRows(keys: readonly string[]): Promise<StateRow[][]>
  findStatus(driftIds: string[]): Promise<(AlertStatus | null)[]>
  findDeliveries(keys: string[]): Promise<(Delivery | null)[]>
  /** Resolves when a complete generation of every one of these states is in the table. */
  statesThere(sources: readonly string[]): Promise<void>
  caughtUp(): Promise<void>
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

const names = ['state', 'alert-status', 'deliveries']

export async function openServiceTables(options: TablesOptions): Promise<ServiceTables> {
  const { config, bus, codecs, topic, metrics, log, onFatal, families } = options
  const store = await openStoreOrRebuild(
    path.join(config.dataDir, 'tables'),
    [...tableFamilies(names), ...families],
    log,
    () => metrics.stateStoreRebuildsTotal.inc({ reason: 'corrupt' }),
  )
  const mappings = loadMappings()
  const stateCodec = mapCodec(
    codecs.stateSnapshot,
    (snapshot): StateEntry => ({ source: snapshot.source, row: stateRow('', snapshot) }),
  )
  const tables = await openTables({
    bus,
    store,
    onFatal,
    tables: [
      {
        name: 'state',
        topic: topic('state-snapshot'),
        codec: stateCodec,
        namesOf: (_: string, { source, row }: StateEntry) =>
          row ? keysOf(row, mappings) : [markerKey(source)],
      },
      { name: 'alert-status', topic: topic('alert-status'), codec: codecs.alertStatus },
      { name: 'deliveries', topic: topic('deliveries'), codec: codecs.delivery },
    ] as never,
  })
  await tables.caughtUp()
  const state: Table<StateEntry> = tables.table(topic('state-snapshot'))
  const status: Table<AlertStatus> = tables.table(topic('alert-status'))
  const deliveries: Table<Delivery> = tables.table(topic('deliveries'))

  return {
    store,
    async findRows(keys) {
      const found = await state.find([...keys])
      return found.map((entries) =>
        entries.flatMap(({ key, value: { row } }) => (row ? [{ ...row, key }] : [])),
      )
    },
    findStatus: (ids) => status.getMany(ids),
    findDeliveries: (keys) => deliveries.getMany(keys),
    async statesThere(sources) {
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
    },
    caughtUp: () => tables.caughtUp(),
    wrote: (records, positions) => tables.wrote(records, positions),
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

function markerKey(source: string): string {
  return `sync\0${source}`
}
