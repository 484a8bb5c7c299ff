/**
 * A local, ordered key-value store with column families. One process opens it at a time. Two implementations,
 * RocksDB and memory, pass one contract suite.
 */
export interface Store {
  /** The values in the order of the keys; null where there is none. One round trip. */
  getMany(family: string, keys: readonly Key[]): Promise<(Buffer | null)[]>
  /** Writes all or nothing, in this order. Survives a crash of the process, not of the machine. */
  apply(writes: readonly (Write | RangeDelete)[]): Promise<void>
  /** In byte order of the keys. Sees the store as it was when the iteration began. */
  iterate(family: string, range?: KeyRange): AsyncIterable<{ key: Buffer; value: Buffer }>
  close(): Promise<void>
}

export type Key = Buffer | string

/** value null deletes. */
export interface Write {
  family: string
  key: Key
  value: Buffer | null
}

/** Deletes every key with gte <= key < lt, at a cost that does not grow with their number. */
export interface RangeDelete {
  family: string
  gte: Key
  lt: Key
}

export interface KeyRange {
  gte?: Key
  lt?: Key
  reverse?: boolean
  limit?: number
}

export type StoreErrorCode = 'LOCKED' | 'CORRUPT' | 'NO_SPACE' | 'NO_PERMISSION' | 'UNKNOWN'

/** The store cannot be opened or written; `code` says why. Only CORRUPT may be answered with a rebuild. */
export class StoreError extends Error {
  override name = 'StoreError'
  readonly code: StoreErrorCode
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
