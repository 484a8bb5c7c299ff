import { randomUUID } from 'node:crypto'
import type { InRecord, OutRecord, Position, TopicConfig } from './bus.ts'
import { type Change, draftChanges, type PlacedRecord } from './embedded-draft.ts'
import { decodeRecord, LOG, META, metaKeys, offsetOfKey, recordKey } from './embedded-format.ts'
import { offsetAt } from './embedded-time.ts'
import {
  createTopic,
  loadOffsets,
  loadTopics,
  lowWrite,
  type Partition,
  requireMatch,
  type Topic,
  topicWrite,
} from './embedded-topics.ts'
import { partitionOf } from './partitioner.ts'
import type { Store } from './store.ts'

/** Bounds what a batch holds in memory. */
const PAGE_BYTES = 8 * 1024 * 1024
/** Bounds one write of the store; a single change may be larger. */
const WRITE_RECORDS = 5_000

/** An append-only log of partitions in a store. Writes are made one after the other, each for all that wait. */
export interface EmbeddedLog {
  readonly clusterId: string
  ensureTopics(topics: readonly TopicConfig[]): Promise<void>
  topic(name: string): Topic | undefined
  /** Throws, with the fix, if there is none. */
  requireTopic(name: string): Topic
  /** Appends the records, and makes `also` part of the same write. */
  append(records: readonly OutRecord[], also?: Change['also']): Promise<Position[]>
  read(partition: Partition, from: number, max: number): Promise<Page>
  /** The first offset whose record is of this time or later; the end if there is none. */
  offsetAt(partition: Partition, time: number): Promise<number>
  /** Deletes what is older than the retention of its topic. */
  expire(): Promise<void>
  /** Calls after each write; returns how to stop that. */
  onAppend(listener: () => void): () => void
  /** Refuses further writes; resolves when those under way are done. */
  close(): Promise<void>
}

export interface Page {
  /** In offset order; what has been compacted away is missing. */
  records: InRecord[]
  /** Where to read on. */
  next: number
  high: number
}

interface Job extends Change {
  resolve: (positions: Position[]) => void
  reject: (error: unknown) => void
}

export async function openLog(store: Store): Promise<EmbeddedLog> {
  const clusterId = await loadClusterId(store)
  const topics = await loadTopics(store)
  const listeners = new Set<() => void>()
  const queue: Job[] = []
  let draining: Promise<void> | undefined
  let closed = false
  /** A write that failed may be there all the same: its offsets must not be given to other records. */
  let uncertain = false

  async function ensureTopics(configs: readonly TopicConfig[]): Promise<void> {
    for (const config of configs) requireMatch(config, topics.get(config.name))
    await append([], () => configs.map(topicWrite))
    for (const config of configs) {
      const topic = topics.get(config.name)
      if (topic) topic.retentionMs = config.retentionMs
      else topics.set(config.name, createTopic(config))
    }
  }

  function requireTopic(name: string): Topic {
    const topic = topics.get(name)
    if (!topic) throw new Error(`topic ${name} does not exist: create it with \`tfdrift topics create\``)
    return topic
  }

  function placed(record: OutRecord): PlacedRecord {
    const topic = requireTopic(record.topic)
    const number = record.partition ?? partitionOf(record.key, topic.partitions.length)
    const partition = topic.partitions[number]
    if (!partition) throw new RangeError(`topic ${record.topic} has no partition ${number}`)
    if (topic.cleanup === 'compact' && !record.key) {
      throw new TypeError(`a record without a key cannot be stored in the compacted topic ${record.topic}`)
    }
    return { record, partition }
  }

  async function append(records: readonly OutRecord[], also: Change['also'] = () => []): Promise<Position[]> {
    if (closed) throw new Error('the bus is closed')
    const job = { records: records.map(placed), also }
    return new Promise((resolve, reject) => {
      queue.push({ ...job, resolve, reject })
      draining ??= drain()
    })
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const jobs = takeJobs(queue)
      try {
        if (uncertain) await loadOffsets(store, topics.values())
        uncertain = true
        const draft = await draftChanges(store, jobs)
        await store.apply(draft.writes)
        uncertain = false
        for (const [partition, end] of draft.ends) Object.assign(partition, end)
        for (const [index, job] of jobs.entries()) job.resolve(draft.positions[index]!)
        for (const listener of listeners) listener()
      } catch (error) {
        for (const job of jobs) job.reject(error)
      }
    }
    // In the same turn in which the queue was seen empty: else what is queued in between is never written.
    draining = undefined
  }

  async function read(partition: Partition, from: number, max: number): Promise<Page> {
    const { topic, number, prefix, high } = partition
    const records: InRecord[] = []
    let bytes = 0
    const range = { gte: recordKey(prefix, from), lt: recordKey(prefix, high), limit: max }
    for await (const { key, value } of store.iterate(LOG, range)) {
      const offset = offsetOfKey(key)
      records.push(decodeRecord(topic.name, number, offset, value))
      bytes += value.length
      if (records.length === max || bytes >= PAGE_BYTES) return { records, next: offset + 1, high }
    }
    return { records, next: Math.max(from, high), high }
  }

  async function expire(): Promise<void> {
    for (const { cleanup, retentionMs, partitions } of topics.values()) {
      if (cleanup !== 'delete' || retentionMs === undefined) continue
      for (const partition of partitions) await expirePartition(partition, Date.now() - retentionMs)
    }
  }

  async function expirePartition(partition: Partition, before: number): Promise<void> {
    const { low, prefix } = partition
    const kept = await offsetAt(store, partition, before)
    if (kept === low) return
    await append([], () => [
      lowWrite(partition, kept),
      { family: LOG, gte: recordKey(prefix, low), lt: recordKey(prefix, kept) },
    ])
    partition.low = kept
  }

  function onAppend(listener: () => void): () => void {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  async function close(): Promise<void> {
    closed = true
    await draining
  }

  return {
    clusterId,
    ensureTopics,
    topic: (name) => topics.get(name),
    requireTopic,
    append,
    read,
    offsetAt: (partition, time) => offsetAt(store, partition, time),
    expire,
    onAppend,
    close,
  }
}

function takeJobs(queue: Job[]): Job[] {
  let records = 0
  const end = queue.findIndex((job, index) => {
    records += job.records.length
    return index > 0 && records > WRITE_RECORDS
  })
  return queue.splice(0, end < 0 ? queue.length : end)
}

async function loadClusterId(store: Store): Promise<string> {
  const [stored] = await store.getMany(META, [metaKeys.cluster])
  if (stored) return String(stored)
  const made = randomUUID()
  await store.apply([{ family: META, key: metaKeys.cluster, value: Buffer.from(made) }])
  return made
}
