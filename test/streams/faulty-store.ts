import type { Store } from '../../streams/store.ts'

export interface FaultyStore extends Store {
  /** How many writes the store has been asked for. */
  writes: number
  /** What happens to the next write, once: it fails undone, or is done and reported as failed. */
  next: 'works' | 'fails' | 'works but is reported as failed'
  /** With this write, stored or not, the process dies: nothing works any more. */
  death: { atWrite: number; stored: boolean }
  dead(): boolean
  /** Thrown by every read, if set. */
  readError: Error | undefined
}

/** A store on another one, with faults. */
export function faultyStore(store: Store): FaultyStore {
  const faulty: FaultyStore = {
    writes: 0,
    next: 'works',
    death: { atWrite: Number.POSITIVE_INFINITY, stored: false },
    dead: () => faulty.writes >= faulty.death.atWrite,
    readError: undefined,
    async getMany(family, keys) {
      requireReadable()
      return store.getMany(family, keys)
    },
    async apply(writes) {
      requireAlive()
      faulty.writes++
      if (faulty.dead()) {
        if (faulty.death.stored) await store.apply(writes)
        throw new Error('the process has died')
      }
      const fate = faulty.next
      faulty.next = 'works'
      if (fate !== 'fails') await store.apply(writes)
      if (fate !== 'works') throw new Error('the disk says no')
    },
    async *iterate(family, range) {
      requireReadable()
      yield* store.iterate(family, range)
    },
    close: () => store.close(),
  }

  function requireReadable(): void {
    if (faulty.readError) throw faulty.readError
    requireAlive()
  }

  function requireAlive(): void {
    if (faulty.dead()) throw new Error('the process has died')
  }

  return faulty
}
