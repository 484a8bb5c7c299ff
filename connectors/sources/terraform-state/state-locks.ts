import { stateLockKey } from '../../../schemas/state-lock-key.ts'
import type { SourceContext } from '../../source.ts'
import { handOver } from '../hand-over.ts'
import type { StateStore } from './state-store.ts'

/** Tells the log which states are locked: an apply is in flight. */
export class StateLocks {
  readonly #context: SourceContext
  /** As the log has it. */
  readonly #told = new Map<string, boolean>()
  /** Seen free at the last look, and told to be locked. */
  readonly #freed = new Set<string>()

  constructor(context: SourceContext) {
    this.#context = context
  }

  /** To be asked before the state is read: what is not locked then, is as its last apply has left it. Null: not known. */
  async look({ isLocked }: StateStore, place: string): Promise<boolean | null> {
    if (!isLocked) return null
    try {
      return await isLocked(place)
    } catch {
      // Whoever may not look at locks may read states all the same: burst and time decide then.
      return null
    }
  }

  /**
   * To be called when the log holds the state that was read since. That a lock is free is told a look later: readers have
   * the rows by then, which lie in other partitions.
   */
  async tell(source: string, locked: boolean | null): Promise<void> {
    if (locked === null) return
    const told = this.#told.get(source) ?? (await this.#context.isLocked?.(source)) ?? false
    this.#told.set(source, told)
    if (locked) this.#freed.delete(source)
    if (locked === told) return
    if (locked) await this.#publish(source, true)
    else if (this.#freed.has(source)) await this.forget(source)
    else this.#freed.add(source)
  }

  /** The state is there no more, or its lock has been free for long enough. */
  async forget(source: string): Promise<void> {
    this.#freed.delete(source)
    if (this.#told.get(source)) await this.#publish(source, false)
  }

  async #publish(source: string, locked: boolean): Promise<void> {
    const common = { source, lineage: '', serial: 0, capturedAt: Date.now(), count: null, resource: null }
    await handOver(this.#context, {
      snapshots: [{ key: stateLockKey(source), value: locked ? common : null }],
    })
    this.#told.set(source, locked)
  }
}
