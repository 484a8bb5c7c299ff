import { mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import RocksDB, { type WriteBatch } from 'rocksdb-native'
import { storeError } from './rocks-error.ts'
import { type Key, type KeyRange, type RangeDelete, type Store, StoreError, type Write } from './store.ts'

const WRITE_BUFFER_BYTES = 16 * 1024 * 1024
/** Rows an iterator fetches at once. */
const PAGE = 256
/** Keys a read batch holds at least: above that a look-up is spread over as many batches as Node has threads. */
const READ_BATCH = 128
const THREADS = 4

/**
 * Opens, or makes, the store in a directory. Throws StoreError if it cannot. A family is a prefix of the keys and not
 * a column family of RocksDB: rocksdb-native writes a batch to one of those only, and rows must be written together
 * with the position that they stand for. It also bounds the memory, however many families there are.
 */
export async function openRocksStore(dir: string, families: readonly string[]): Promise<Store> {
  const db = await open(dir)
  const prefixes = new Map(families.map((family) => [family, familyPrefix(family)]))
  const iterators = new Set<{ destroy(): void }>()
  let closing: Promise<void> | undefined

  function prefixOf(family: string): FamilyPrefix {
    if (closing) throw new StoreError('UNKNOWN', `the store in ${dir} is closed`)
    const prefix = prefixes.get(family)
    if (prefix) return prefix
    throw new StoreError('UNKNOWN', `the store in ${dir} was opened without the family ${family}`)
  }

  async function getMany(family: string, keys: readonly Key[]): Promise<(Buffer | null)[]> {
    const prefix = prefixOf(family)
    const size = Math.max(READ_BATCH, Math.ceil(keys.length / THREADS))
    const reads: Promise<Buffer | null>[] = []
    const flushes: Promise<void>[] = []
    for (let from = 0; from < keys.length; from += size) {
      const part = keys.slice(from, from + size)
      const batch = db.read({ autoDestroy: true, capacity: part.length })
      for (const key of part) reads.push(batch.get(joined(prefix, key)))
      flushes.push(batch.flush())
    }
    try {
      const [values] = await Promise.all([Promise.all(reads), Promise.all(flushes)])
      return values
    } catch (error) {
      throw storeError(dir, error)
    }
  }

  async function apply(writes: readonly (Write | RangeDelete)[]): Promise<void> {
    const prefixed = writes.map((write) => ({ write, prefix: prefixOf(write.family) }))
    if (prefixed.length === 0) return
    const batch = db.write({ autoDestroy: true, capacity: prefixed.length })
    for (const { write, prefix } of prefixed) {
      if ('lt' in write) deleteRange(batch, prefix, write)
      else if (write.value === null) batch.tryDelete(joined(prefix, write.key))
      else batch.tryPut(joined(prefix, write.key), write.value)
    }
    await batch.flush().catch((error) => {
      throw storeError(dir, error)
    })
  }

  async function* iterate(
    family: string,
    range: KeyRange = {},
  ): AsyncGenerator<{ key: Buffer; value: Buffer }> {
    const prefix = prefixOf(family)
    const { gte = '', lt, reverse = false, limit = Number.POSITIVE_INFINITY } = range
    const iterator = db.iterator(
      { gte: joined(prefix, gte), lt: lt === undefined ? prefix.end : joined(prefix, lt), reverse, limit },
      { capacity: Math.max(1, Math.min(PAGE, limit)) },
    )
    iterators.add(iterator)
    try {
      for await (const { key, value } of iterator) yield { key: key.subarray(prefix.bytes.length), value }
      if (closing) throw new StoreError('UNKNOWN', `the store in ${dir} was closed during an iteration`)
    } catch (error) {
      throw storeError(dir, error)
    } finally {
      iterators.delete(iterator)
    }
  }

  function close(): Promise<void> {
    closing ??= (async () => {
      for (const iterator of iterators) iterator.destroy()
      await db.close()
    })()
    return closing
  }

  return { getMany, apply, iterate, close }
}

/** Moves the directory away, with a note of the reason, so that a new store can take its place. Returns the new name. */
export async function wipeStore(dir: string, reason: string): Promise<string> {
  const moved = `${dir}.bad-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`
  await rename(dir, moved)
  await writeFile(path.join(moved, 'REASON'), `${reason}\n`)
  return moved
}

async function open(dir: string): Promise<RocksDB> {
  try {
    // Not left to RocksDB, which never returns from some places where it cannot make a directory (/proc).
    await mkdir(dir, { recursive: true })
    await requireCurrent(dir)
    const db = new RocksDB(dir, { writeBufferSize: WRITE_BUFFER_BYTES, maxBackgroundJobs: 2 })
    await db.ready()
    return db
  } catch (error) {
    throw storeError(dir, error)
  }
}

/** Without its CURRENT, RocksDB takes a directory full of rows for a new one, and deletes them. */
async function requireCurrent(dir: string): Promise<void> {
  const files = await readdir(dir)
  if (files.includes('CURRENT') || !files.some((file) => file.endsWith('.sst'))) return
  throw new Error('CURRENT file is missing')
}

interface FamilyPrefix {
  bytes: Buffer
  text: string
  /** Above every key of the family. */
  end: Buffer
}

function familyPrefix(family: string): FamilyPrefix {
  return { bytes: Buffer.from(`${family}\x00`), text: `${family}\x00`, end: Buffer.from(`${family}\x01`) }
}

function joined({ bytes, text }: FamilyPrefix, key: Key): Buffer | string {
  return typeof key === 'string' ? text + key : Buffer.concat([bytes, key])
}

function deleteRange(batch: WriteBatch, prefix: FamilyPrefix, { gte, lt }: RangeDelete): void {
  // RocksDB refuses the whole batch if a range ends before it begins.
  if (Buffer.compare(Buffer.from(gte), Buffer.from(lt)) >= 0) return
  batch.tryDeleteRange(joined(prefix, gte), joined(prefix, lt))
}
