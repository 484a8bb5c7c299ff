import type { SourceContext, SourceOutput } from '../../source.ts'
import { handOver } from '../hand-over.ts'
import type { ParsedState } from './instance.ts'
import { planPublication } from './publication.ts'
import { type SnapshotOptions, toSnapshots } from './snapshot.ts'
import { type StatePosition, StatePositions } from './state-positions.ts'

const BATCH = 500

/** Brings the log to what the states say, and keeps what it holds of each in the positions. */
export class StatePublisher {
  readonly #context: SourceContext
  readonly #positions: StatePositions
  /** Which state has published a lineage: two copies of one state would overwrite each other's records. */
  readonly #owners = new Map<string, string>()

  constructor(context: SourceContext) {
    this.#context = context
    this.#positions = new StatePositions(context.positions)
  }

  /**
   * Resolves when the log holds the state, or with the reason why it must not. Takes back what stood at this path
   * before and is gone, a whole lineage included. A rejection leaves the rest to be published again.
   */
  async publish(state: ParsedState, options: SnapshotOptions): Promise<string | null> {
    const { source, lineage, serial } = state
    const before = await this.#positions.of(source)
    const refusal = this.#refusal(state, before)
    if (refusal) return refusal
    const plan = planPublication(before?.published ?? {}, toSnapshots(state, options))
    if (plan.records.length > 0) {
      const known = before ?? { lineage, serial: 0 }
      await this.#positions.move(source, { ...known, published: plan.during })
      await this.#handOver(plan.records)
    }
    await this.#positions.move(source, { lineage, serial, published: plan.after })
    return null
  }

  /** Takes back the records of states that are no longer configured, as far as no other state holds them. */
  async retireAllBut(sources: readonly string[]): Promise<void> {
    const retired = (await this.#positions.sources()).filter((source) => !sources.includes(source))
    if (retired.length === 0) return
    const positions = await Promise.all(sources.map((source) => this.#positions.of(source)))
    const held = new Set(positions.flatMap((position) => Object.keys(position?.published ?? {})))
    for (const source of retired) {
      const { published } = (await this.#positions.of(source))!
      const gone = Object.keys(published).filter((key) => !held.has(key))
      await this.#handOver(gone.map((key) => ({ key, value: null })))
      await this.#positions.forget(source)
    }
  }

  #refusal({ source, lineage, serial }: ParsedState, before: StatePosition | null): string | null {
    if (before?.lineage === lineage && serial < before.serial) {
      return `serial ${serial} is older than ${before.serial}, which has been read; to go back on purpose, push it with a higher one`
    }
    const owner = this.#owners.get(lineage) ?? source
    if (owner !== source) return `${owner} is a state of the same lineage; leave one of the two out`
    if (before && before.lineage !== lineage) this.#owners.delete(before.lineage)
    this.#owners.set(lineage, source)
    return null
  }

  async #handOver(records: NonNullable<SourceOutput['snapshots']>): Promise<void> {
    for (let at = 0; at < records.length; at += BATCH) {
      await handOver(this.#context, { snapshots: records.slice(at, at + BATCH) })
    }
  }
}
