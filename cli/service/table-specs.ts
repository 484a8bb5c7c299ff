import { loadMappings } from '../../mappings/index.ts'
import { marksOfRow } from '../../processors/dependents.ts'
import type { StateRow } from '../../processors/finding.ts'
import { keysOf } from '../../processors/identity.ts'
import { stateRow } from '../../processors/state-row.ts'
import type { TopicName } from '../../processors/topology.ts'
import type { Codec } from '../../schemas/codec.ts'
import type { CountWindow } from '../../schemas/counting-types.ts'
import { isStateLock } from '../../schemas/state-lock-key.ts'
import type { AlertStatus, Delivery, HeldAlert, PendingChange } from '../../schemas/types.ts'
import type { Cache } from '../../streams/cache.ts'
import type { TableSpec } from '../../streams/table.ts'
import type { Config } from '../config/load.ts'
import type { Codecs } from './codecs.ts'
import { driftNames } from './drift-names.ts'
import { outboxNames } from './outbox-names.ts'

/** Stands for what marksOfRow does. */
const MARKS_VERSION = 'marks-1'
/** What an entry of the state table is: a row, or the marker of a complete generation or of a held lock. */
export interface StateEntry {
  source: string
  row: StateRow | null
}

/** The rows of each table. */
export type Rows = {
  state: StateEntry
  alertStatus: AlertStatus
  deliveries: Delivery
  pending: PendingChange
  windows: CountWindow
  outbox: HeldAlert
}

interface Options {
  config: Config
  codecs: Codecs
  topic: (name: TopicName) => string
}

/** What each table folds, and under which names its rows are found. */
export function tableSpecs(
  { config, codecs, topic }: Options,
  cache: Cache<StateEntry>,
): { [N in keyof Rows]: TableSpec<Rows[N]> } {
  const mappings = loadMappings()
  return {
    state: {
      topic: topic('state-snapshot'),
      prepare: codecs.stateSnapshot.prepare,
      decode(key, value) {
        const snapshot = codecs.stateSnapshot.decodeSync(value)
        return { source: snapshot.source, row: stateRow(key, snapshot) }
      },
      namesOf: (key, { source, row }) => {
        if (row) return keysOf(row, mappings)
        return [isStateLock(key) ? LOCKS : markerKey(source)]
      },
      marksOf: (_, { row }) => (row ? marksOfRow(row) : []),
      cache,
      version: `${mappings.version} ${MARKS_VERSION}`,
    },
    alertStatus: {
      ...plain(topic('alert-status'), codecs.alertStatus),
      namesOf: (_, row) => driftNames(row, config.bus.partitions),
      version: `names of ${config.bus.partitions} partitions`,
    },
    deliveries: plain(topic('deliveries'), codecs.delivery),
    pending: {
      ...plain(topic('pending-changes'), codecs.pendingChange),
      namesOf: (_, { partition }) => [partitionName(partition)],
    },
    windows: {
      ...plain(topic('count-windows'), codecs.countWindow),
      namesOf: (_, { partition }) => [partitionName(partition)],
    },
    outbox: {
      ...plain(topic('outbox'), codecs.heldAlert),
      namesOf: (_, row) => outboxNames(row),
    },
  }
}

function plain<T extends object>(topic: string, codec: Codec<T>): TableSpec<T> {
  return { topic, prepare: codec.prepare, decode: (_, value) => codec.decodeSync(value) }
}

/** The name of all locks. */
export const LOCKS = 'locks'

export function markerKey(source: string): string {
  return `sync\0${source}`
}

export function partitionName(partition: number): string {
  return `partition\0${partition}`
}
