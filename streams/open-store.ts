import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Logger } from './logger.ts'
import { openRocksStore, wipeStore } from './rocks-store.ts'
import { type Store, StoreError } from './store.ts'

/** Left in the directory when damage shows only later, at a read: RocksDB checks most of its blocks not before. */
const MARK = 'CORRUPT'

/**
 * Opens a store whose rows can be had again from the log. A damaged one is moved away, once, and an empty one opened
 * in its place; damage found while it is in use is thrown then, and leads to that at the next start. Every other
 * StoreError is thrown and changes nothing.
 */
export async function openStoreOrRebuild(
  dir: string,
  families: readonly string[],
  log: Logger,
  onRebuild: () => void = () => {},
): Promise<Store> {
  return marking(await openOrMoveAway(), path.join(dir, MARK))

  async function openOrMoveAway(): Promise<Store> {
    try {
      if (existsSync(path.join(dir, MARK)))
        throw new StoreError('CORRUPT', `the store in ${dir} was found damaged`)
      return await openRocksStore(dir, families)
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'CORRUPT') throw error
      const moved = await wipeStore(dir, error.message)
      log.warn({ dir, moved, err: error }, 'the store is damaged: it was moved away and will be built again')
      onRebuild()
      return openRocksStore(dir, families)
    }
  }
}

function marking(store: Store, mark: string): Store {
  function remember(error: unknown): never {
    if (error instanceof StoreError && error.code === 'CORRUPT') writeFileSync(mark, `${error.message}\n`)
    throw error
  }

  return {
    getMany: (family, keys) => store.getMany(family, keys).catch(remember),
    apply: (writes) => store.apply(writes).catch(remember),
    async *iterate(family, range) {
      try {
        yield* store.iterate(family, range)
      } catch (error) {
        remember(error)
      }
    },
    close: store.close,
  }
}
