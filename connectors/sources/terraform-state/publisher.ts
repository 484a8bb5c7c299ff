import type { SourceContext } from '../../source.ts'
import { handOver } from '../hand-over.ts'
import type { ParsedState } from './instance.ts'
import { type Publication, planPublication, uncertain } from './publication.ts'
import { hasShrunk, resourcesIn } from './shrinkage.ts'
import { type SnapshotOptions, toSnapshots } from './snapshot.ts'
import { type StatePosition, StatePositions } from './state-positions.ts'

const BATCH = 500

/** What has become of a state: the log holds it, or why it must not, or not yet. */
export type Verdict = { is: 'published' } | { is: 'refused' | 'held back'; why: string }

export interface PublishOptions extends SnapshotOptions {
  /** Whether a state that has lost more than half of its resources is taken at its word at once. */
  acceptShrink: boolean
}

/** Brings the log to what the states say, and keeps what it holds of each in the positions. */
export class StatePublisher {
  readonly #context: SourceContext
  readonly #positions: StatePositions
  /** Which state has published a lineage: two copies of one state would overwrite each other's records. */
  readonly #owners = new Map<string, string>()
  /** What the log holds of each state, batch by batch: a log that keeps failing must not keep us at the start. */
  readonly #held = new Map<string, StatePosition>()
  /** What the log has lost of and does not hold again yet: nothing is protected by holding such a state back. */
  readonly #lost = new Set<string>()

  constructor(context: SourceContext) {
    this.#context = context
    this.#positions = new StatePositions(context.positions)
  }

  /**
   * Resolves when the log holds the state, or with the reason why it does not. Takes back what stood at this place
   * before and is gone, a whole lineage included. A rejection leaves the rest to be published again.
   */
  async publish(state: ParsedState, options: PublishOptions): Promise<Verdict> {
    const { source, lineage, serial } = state
    const before = this.#held.get(source) ?? (await this.#before(source))
    const refusal = this.#refusal(state, before)
    if (refusal) return { is: 'refused', why: refusal }
    const doubt = options.acceptShrink ? null : await this.#doubt(state, options, before)
    if (doubt) return { is: 'held back', why: doubt }
    const plan = planPublication(before?.published ?? {}, toSnapshots(state, options))
    if (plan.records.length > 0) {
      // What confirmed a shrunken state must do so again if this is cut short.
      const during = { lineage, serial: 0, ...before, published: plan.during }
      await this.#keep(source, during)
      await this.#handOver(plan.records, (key) => {
        const hash = plan.after[key]
        if (hash === undefined) delete during.published[key]
        else during.published[key] = hash
      })
    }
    await this.#keep(source, { lineage, serial, published: plan.after })
    this.#lost.delete(source)
    return { is: 'published' }
  }

  /** Every state that may have records in the log. */
  sources(): Promise<string[]> {
    return this.#positions.sources()
  }

  /** The state has left its place: its lineage may show up at another one. */
  release(source: string): void {
    for (const [lineage, owner] of this.#owners) if (owner === source) this.#owners.delete(lineage)
  }

  /**
   * Takes back the records of a state that is there no more, as far as none of `others` holds them. `surely`: even if
   * they are many.
   */
  async retire(source: string, others: readonly string[], surely: boolean): Promise<Verdict> {
    const position = (await this.#positions.of(source))!
    const positions = await Promise.all(others.map((other) => this.#positions.of(other)))
    const held = new Set(positions.flatMap((other) => Object.keys(other?.published ?? {})))
    const gone = Object.keys(position.published).filter((key) => !held.has(key))
    const { length: had } = resourcesIn(gone)
    if (!surely && !position.heldBack && hasShrunk(had, 0))
      return { is: 'held back', why: `it is gone, and ${had} resources with it` }
    await this.#handOver(gone.map((key) => ({ key, value: null })))
    await this.#positions.forget(source)
    this.#held.delete(source)
    return { is: 'published' }
  }

  async #before(source: string): Promise<StatePosition | null> {
    const position = await this.#positions.of(source)
    if (!position || !(await this.#context.isLost?.(source))) return position
    this.#lost.add(source)
    return { ...position, published: uncertain(position.published) }
  }

  async #keep(source: string, position: StatePosition): Promise<void> {
    await this.#positions.move(source, position)
    this.#held.set(source, position)
  }

  /** Why the state is not to be believed yet; null if it is, or a later serial has confirmed it. */
  async #doubt(
    state: ParsedState,
    options: SnapshotOptions,
    before: StatePosition | null,
  ): Promise<string | null> {
    const { source, lineage, serial } = state
    const known = resourcesIn(Object.keys(before?.published ?? {}))
    const had = known.length
    const has = state.instances.length
    if (!before || !hasShrunk(had, has) || this.#lost.has(source)) return null
    const { heldBack } = before
    if (heldBack?.lineage === lineage && serial > heldBack.serial) return null
    const left = new Set(toSnapshots(state, options).map(({ key }) => key))
    const gone = known.filter((key) => !left.has(key))
    const explained = (await this.#context.seenDeleted?.(gone)) ?? 0
    if (!hasShrunk(had - explained, has)) return null
    if (heldBack?.lineage !== lineage || heldBack.serial !== serial)
      await this.#keep(source, { ...before, heldBack: { lineage, serial } })
    return `serial ${serial} holds ${has} resources where serial ${before.serial} held ${had}`
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
