import type { OutRecord, Position } from './bus.ts'
import { encodeRecord, LOG, NEWEST, recordKey } from './embedded-format.ts'
import { highWrite, type Partition } from './embedded-topics.ts'
import type { RangeDelete, Store, Write } from './store.ts'

export interface PlacedRecord {
  record: OutRecord
  partition: Partition
}

/** What one caller wants stored together. */
export interface Change {
  records: readonly PlacedRecord[]
  /** More to be stored in the same write; asked once everything before it has been decided. */
  also: () => (Write | RangeDelete)[]
}

/** One write of the store that makes several changes, and what it will have done. */
export interface Draft {
  writes: (Write | RangeDelete)[]
  /** Of each change, the place of each record. */
  positions: Position[][]
  ends: Map<Partition, { high: number; timestamp: number }>
}

/**
 * Gives each record its offset. In a compacted topic a record replaces the older one of its key, so that no clean-up
 * is needed: the older is deleted, or not even written where both come in one draft.
 */
export async function draftChanges(store: Store, changes: readonly Change[]): Promise<Draft> {
  const older = await newestOffsets(store, changes)
  const draft: Draft = { writes: [], positions: [], ends: new Map() }
  const newest = new Map<string, Newest>()

  function place({ record, partition }: PlacedRecord): Position {
    const { topic, number, prefix } = partition
    const end = draft.ends.get(partition) ?? { high: partition.high, timestamp: partition.timestamp }
    draft.ends.set(partition, end)
    const offset = end.high++
    end.timestamp = Math.max(end.timestamp, Date.now())
    const write = { family: LOG, key: recordKey(prefix, offset), value: encodeRecord(record, end.timestamp) }
    if (topic.cleanup === 'delete') draft.writes.push(write)
    else newest.set(idOf(partition, record), { partition, record, offset, write })
    return { topic: topic.name, partition: number, offset }
  }

  for (const { records, also } of changes) {
    draft.positions.push(records.map(place))
    draft.writes.push(...also())
  }
  for (const [id, { partition, record, offset, write }] of newest) {
    const replaced = older.get(id)
    if (replaced)
      draft.writes.push({ family: LOG, key: recordKey(partition.prefix, Number(replaced)), value: null })
    draft.writes.push(write, {
      family: NEWEST,
      key: newestKey(partition, record),
      value: Buffer.from(String(offset)),
    })
  }
  for (const [partition, { high, timestamp }] of draft.ends)
    draft.writes.push(highWrite(partition, high, timestamp))
  return draft
}

interface Newest {
  partition: Partition
  record: OutRecord
  offset: number
  write: Write
}

async function newestOffsets(store: Store, changes: readonly Change[]): Promise<Map<string, Buffer>> {
  const compacted = new Map<string, Buffer>()
  for (const { records } of changes) {
    for (const { record, partition } of records) {
      if (partition.topic.cleanup === 'compact') {
        compacted.set(idOf(partition, record), newestKey(partition, record))
      }
    }
  }
  if (compacted.size === 0) return new Map()
  const offsets = await store.getMany(NEWEST, [...compacted.values()])
  return new Map([...compacted.keys()].flatMap((id, index) => (offsets[index] ? [[id, offsets[index]]] : [])))
}

function newestKey({ prefix }: Partition, { key }: OutRecord): Buffer {
  return Buffer.concat([prefix, key!])
}

function idOf({ prefix }: Partition, { key }: OutRecord): string {
  return prefix.toString('latin1') + key!.toString('latin1')
}
