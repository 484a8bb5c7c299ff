/** The part of rocksdb-native 3.18 that streams/rocks-store.ts uses; the package has no types. */
declare module 'rocksdb-native' {
  export default class RocksDB {
    constructor(path: string, options: RocksOptions)
    /** Opens the database: the constructor only prepares. */
    ready(): Promise<void>
    read(options: BatchOptions): ReadBatch
    write(options: BatchOptions): WriteBatch
    iterator(range: RocksRange, options: { capacity: number }): RocksIterator
    /** Waits for what is under way, and for ever for an iterator that nobody destroys. */
    close(): Promise<void>
  }

  interface RocksOptions {
    maxBackgroundJobs: number
    /** In bytes; there may be two of them. */
    writeBufferSize: number
  }

  interface BatchOptions {
    autoDestroy: true
    capacity: number
  }

  interface ReadBatch {
    get(key: Uint8Array | string): Promise<Buffer | null>
    flush(): Promise<void>
  }

  export interface WriteBatch {
    tryPut(key: Uint8Array | string, value: Uint8Array): void
    tryDelete(key: Uint8Array | string): void
    tryDeleteRange(start: Uint8Array | string, end: Uint8Array | string): void
    flush(): Promise<void>
  }

  interface RocksRange {
    gte: Uint8Array | string
    lt: Uint8Array | string
    reverse: boolean
    limit: number
  }

  interface RocksIterator extends AsyncIterable<{ key: Buffer; value: Buffer }> {
    destroy(): void
  }
}
