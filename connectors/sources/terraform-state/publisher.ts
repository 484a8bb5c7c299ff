import type { SourceContext } from '../../source.ts'
import { handOver } from '../hand-over.ts'
import type { ParsedState } from './instance.ts'
import { type Publication, planPublication, uncertain } from './publication.ts'
import { type SnapshotOptions, toSnapshots } from './snapshot.ts'
import { type StatePosition, StatePositions } from './state-positions.ts'

const BATCH = 500

/** Brings the log to what the states say, and keeps what it holds of each in the positions. */
export class StatePublisher {
  readonly #context: SourceContext
  readonly #positions: StatePositions
  /** Which state has published a lineage: two copies of one state would overwrite each other's records. */
  readonly #owners = new Map<string, string>()
  /** What the log holds of each state, batch by batch: a log that keeps failing must not keep us at the start. */
  readonly #held = new Map<string, StatePosition>()

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
    const before = this.#held.get(source) ?? (await this.#before(source))
    const refusal = this.#refusal(state, before)
    if (refusal) return refusal
    const plan = planPublication(before?.published ?? {}, toSnapshots(state, options))
    if (plan.records.length > 0) {
      const { lineage: since, serial: at } = before ?? { lineage, serial: 0 }
      const during = { lineage: since, serial: at, published: plan.during }
      await this.#positions.move(source, during)
      this.#held.set(source, during)
      await this.#handOver(plan.records, (key) => {
        const hash = plan.after[key]
        if (hash === undefined) delete during.published[key]
        else during.published[key] = hash
      })
    }
    const after = { lineage, serial, published: plan.after }
    await this.#positions.move(source, after)
    this.#held.set(source, after)
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

  async #before(source: string): Promise<StatePosition | null> {
    const position = await this.#positions.of(source)
    return position && this.#context.isLost?.(source)
      ? { ...position, published: uncertain(position.published) }
      : position
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

  async #handOver(records: Publication['records'], taken?: (key: string) => void): Promise<void> {
    for (let at = 0; at < records.length; at += BATCH) {
      const snapshots = records.slice(at, at + BATCH)
      await handOver(this.#context, { snapshots })
      for (const { key } of snapshots) taken?.(key)
    }
  }
}
