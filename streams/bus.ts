/**
 * The log that everything flows through. Two implementations, `kafka` and `embedded`, pass one contract suite.
 * Keys and values are bytes here; Avro sits above.
 */
export interface Bus {
  /**
   * Creates the topics that are missing. Throws TopicMismatchError, naming topic and setting, if one exists with
   * another cleanup policy or partition count than this says.
   */
  ensureTopics(topics: readonly TopicConfig[]): Promise<void>

  /**
   * Appends records, in order within each key. Resolves when all of them are stored (acks=all) with the place of
   * each, in the order given. Rejects if any could not be stored: some may have been.
   */
  publish(records: readonly OutRecord[]): Promise<Position[]>

  /**
   * Runs a member of a consumer group: each partition of the topics goes to one member, in offset order.
   * For each batch: handle → publish what it returned → onPublished → commit. A crash at any point repeats the
   * batch from the last commit. If handle throws, the batch is retried with back-off; it is never skipped.
   */
  process(options: ProcessOptions, handle: Handle): Promise<Running>

  /**
   * Reads every partition of the topics from the given positions, for ever, in offset order within a partition,
   * without a group of its own and without committing. What has been compacted away is passed over.
   */
  tail(options: TailOptions, apply: (batch: Batch) => Promise<void>): Promise<Tail>

  /** Partitions and offsets of a topic; empty if it does not exist. `high` is the next offset to be written. */
  offsets(topic: string): Promise<PartitionOffsets[]>

  /** The configuration of the topics that exist under this name, for `topics describe`. */
  describe(topic: string): Promise<{ partitions: number; cleanup: string } | null>

  /** The committed offset of each partition; null where the group has none. */
  committed(group: string, topic: string): Promise<{ partition: number; offset: number | null }[]>

  /**
   * Moves a group's offsets. On Kafka the group must have no live member: throws GroupActiveError otherwise;
   * embedded members follow at once.
   */
  resetOffsets(group: string, topic: string, to: OffsetReset): Promise<void>

  /** What identifies this log: a store filled from another cluster must be rebuilt. */
  clusterId(): Promise<string>

  close(): Promise<void>
}

export interface TopicConfig {
  /** Full name, with prefix. */
  name: string
  partitions: number
  cleanup: 'delete' | 'compact'
  retentionMs?: number
  /** The largest record, where it is not the broker's own limit. */
  maxMessageBytes?: number
  replicationFactor?: number
}

export interface OutRecord {
  topic: string
  key: Buffer | null
  /** null is a tombstone. */
  value: Buffer | null
  headers?: Record<string, string>
  /** Left out: by the key (murmur2, as Kafka's own clients do). */
  partition?: number
  /**
   * Of what a handler returns: not to be stored before the records without this are. Where all are stored in one write,
   * as on the embedded bus, it says nothing.
   */
  last?: boolean
}

export interface Position {
  topic: string
  partition: number
  offset: number
}

export interface InRecord extends Position {
  key: Buffer | null
  value: Buffer | null
  headers: Record<string, string>
  /** Epoch milliseconds at which it was appended. */
  timestamp: number
}

/** Records of one partition, in offset order, never empty. */
export interface Batch {
  topic: string
  partition: number
  records: InRecord[]
  /** The next offset to be written to this partition when the batch was read: lag = high - last offset - 1. */
  high: number
}

/**
 * The signal aborts when the batch is to be given up, because the member stops or its partition goes to another: a
 * handler that may wait for long ends then, by throwing, or the whole group waits for it.
 */
export type Handle = (batch: Batch, signal: AbortSignal) => Promise<OutRecord[]>

export interface ProcessOptions {
  group: string
  topics: string[]
  /** Upper bound of records in a batch. Default 500. */
  maxBatch?: number
  /**
   * Awaited after every assignment of partitions, before the first batch of it is handled: here the owner
   * reads its tables to their captured ends.
   */
  onAssigned?: (partitions: { topic: string; partition: number }[]) => Promise<void>
  /** Called with what handle returned and where each record was stored, before the commit. */
  onPublished?: (records: readonly OutRecord[], positions: readonly Position[]) => Promise<void>
  tick?: Tick
  /** The member cannot go on (not a passing fault): the process must end. */
  onFatal?: (error: Error) => void
}

/**
 * What a member does as time passes, with or without records: again and again for each partition that it has, never
 * beside a batch of that partition. Each of the lists that it returns is published, with onPublished, when the one
 * before is stored; nothing is committed.
 */
export interface Tick {
  everyMs: number
  handle: (place: { topic: string; partition: number }, signal: AbortSignal) => Promise<OutRecord[][]>
}

export interface Running {
  /** Resolves when the running batch has been handled and committed and the member has left its group. */
  stop(): Promise<void>
  /** True while the member is joined and fetching. */
  healthy(): boolean
}

export interface TailOptions {
  topics: string[]
  /** The next offset to read; clamped to what the log still holds. */
  from: (topic: string, partition: number) => number
  onFatal?: (error: Error) => void
}

export interface Tail {
  /** Captures the end offsets now, and resolves when everything before them has been applied. */
  caughtUp(): Promise<void>
  stop(): Promise<void>
}

export interface PartitionOffsets {
  partition: number
  low: number
  high: number
}

/** `time` is epoch milliseconds: the first record at or after it. */
export type OffsetReset =
  | { to: 'earliest' }
  | { to: 'latest' }
  | { to: 'time'; time: number }
  | { to: 'offset'; offset: number }

export class TopicMismatchError extends Error {
  override name = 'TopicMismatchError'
}

export class GroupActiveError extends Error {
  override name = 'GroupActiveError'
}
