import type { SourceContext } from '../../source.ts'
import type { NextLook } from '../poll.ts'
import { readAhead } from '../read-ahead.ts'
import { placesIn } from './check-state.ts'
import { parseState } from './parse.ts'
import { StatePublisher, type Verdict } from './publisher.ts'
import { StateLocks } from './state-locks.ts'
import type { StateObject, StateStore } from './state-store.ts'

/** One of the configured places of states, and what is said of it. */
export interface StateSettings {
  store: StateStore
  /** The account of a state whose resources do not name theirs. */
  account?: string | undefined
  /** Whether a state that has lost more than half of its resources is taken at its word at once. */
  acceptShrink: boolean
}

/** How a state stands that is read. */
export interface StateStanding {
  state: string
  /** When it was last seen to be as it is, and when it was written, epoch milliseconds; null: not yet. */
  seenAt: number | null
  writtenAt: number | null
  /** It has lost so much that nothing is published of it until that is confirmed. */
  heldBack: boolean
}

/** States that are asked for at once: most say only that they are as they were. */
const AT_ONCE = 8

interface Known extends StateStanding {
  /** Of the version that was last dealt with. */
  token?: string
}

/** Looks at all configured states, and hands over what has changed. */
export class StatesWatch {
  readonly #states: readonly StateSettings[]
  readonly #hashKey: Buffer
  readonly #context: SourceContext
  readonly #publisher: StatePublisher
  readonly #locks: StateLocks
  readonly #known = new Map<string, Known>()
  /** By place, or by name of a store whose places are not to be had. */
  readonly #faults = new Map<string, string>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(states: readonly StateSettings[], hashKey: Buffer, context: SourceContext) {
    this.#states = states
    this.#hashKey = hashKey
    this.#context = context
    this.#publisher = new StatePublisher(context)
    this.#locks = new StateLocks(context)
  }

  healthy(): boolean {
    return this.#faults.size === 0
  }

  standings(): StateStanding[] {
    return [...this.#known.values()]
  }

  /** Looks at all that are there. */
  look(signal: AbortSignal): Promise<NextLook> {
    return this.#inTurn(async () => {
      const settings = await this.#places()
      await this.#lookAt(settings, signal)
      if (signal.aborted) return 'again'
      // A state that has moved must be read at its new place before it is taken back at the old one.
      if (this.healthy()) await this.#retireAllBut([...settings.keys()])
      return this.healthy() ? 'again' : 'retry'
    })
  }

  /** Looks at those of the places that are of ours; resolves to whether all of them could be read. */
  refresh(places: readonly string[]): Promise<boolean> {
    return this.#inTurn(async () => {
      const settings = new Map<string, StateSettings>()
      for (const place of places) {
        const covering = this.#states.find(({ store }) => store.covers(place))
        if (covering) settings.set(place, covering)
      }
      await this.#lookAt(settings)
      return [...settings.keys()].every((place) => !this.#faults.has(place))
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }

  async #lookAt(settings: ReadonlyMap<string, StateSettings>, signal?: AbortSignal): Promise<void> {
    const read = async (place: string) => {
      const { store } = settings.get(place)!
      const locked = await this.#locks.look(store, place)
      return { locked, object: await store.read(place, this.#known.get(place)?.token, signal) }
    }
    for await (const [place, outcome] of readAhead([...settings.keys()], AT_ONCE, read)) {
      if (signal?.aborted) return
      await this.#trying(place, async () => {
        if ('error' in outcome) throw outcome.error
        await this.#take(place, outcome.value.object, settings.get(place)!)
        await this.#locks.tell(place, outcome.value.locked)
      })
    }
  }

  /** The states that are there, each with the first settings that it falls under. */
  async #places(): Promise<Map<string, StateSettings>> {
    const found = new Map<string, StateSettings>()
    const unlisted: StateStore[] = []
    for (const settings of this.#states) {
      const { store } = settings
      const isListed = await this.#trying(`states of ${store.name}`, async () => {
        for (const place of await placesIn(store)) if (!found.has(place)) found.set(place, settings)
      })
      if (!isListed) unlisted.push(store)
    }
    for (const place of this.#known.keys()) {
      if (found.has(place) || unlisted.some((store) => store.covers(place))) continue
      this.#faults.delete(place)
      // Its lineage may have moved to another place.
      this.#publisher.release(place)
    }
    return found
  }

  async #take(place: string, object: StateObject | null, settings: StateSettings): Promise<void> {
    const known = this.#knownOf(place)
    if (object) {
      const { account, acceptShrink } = settings
      const { bytes, modifiedAt: capturedAt, token } = object
      const options = { capturedAt, account, acceptShrink, hashKey: this.#hashKey }
      const verdict = await this.#publisher.publish(parseState(bytes, place), options)
      const isHeldBack = verdict.is === 'held back'
      if (!isHeldBack || !known.heldBack) this.#say(place, verdict)
      known.heldBack = isHeldBack
      known.writtenAt = capturedAt
      // Read again, what is held back may be explained by then.
      if (isHeldBack) delete known.token
      else known.token = token
    }
    known.seenAt = Date.now()
  }

  /** What is gone from its place is taken back; at once if no settings cover it any more. */
  async #retireAllBut(places: readonly string[]): Promise<void> {
    const sources = await this.#publisher.sources()
    for (const source of sources.filter((one) => !places.includes(one))) {
      const settings = this.#states.find(({ store }) => store.covers(source))
      const verdict = await this.#publisher.retire(source, places, !settings || settings.acceptShrink)
      if (verdict.is === 'held back') {
        const known = this.#knownOf(source)
        if (!known.heldBack) this.#say(source, verdict)
        known.heldBack = true
      } else {
        this.#known.delete(source)
        await this.#locks.forget(source)
      }
    }
  }

  #knownOf(state: string): Known {
    const known = this.#known.get(state) ?? { state, seenAt: null, writtenAt: null, heldBack: false }
    this.#known.set(state, known)
    return known
  }

  #say(state: string, verdict: Verdict): void {
    const { log } = this.#context
    if (verdict.is === 'refused') log.warn({ state }, `this state is not used: ${verdict.why}`)
    if (verdict.is === 'held back') {
      const what =
        'its resources stay as they were until a later serial is as small, or acceptShrink: true is set'
      log.warn({ state }, `this state is held back: ${verdict.why}; ${what}`)
    }
  }

  /** Whether it could be done; a fault is logged once, until it is another one or has gone. */
  async #trying(subject: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      this.#faults.delete(subject)
      return true
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== this.#faults.get(subject))
        this.#context.log.error({ state: subject, error: message }, 'this state is not read')
      this.#faults.set(subject, message)
      return false
    }
  }
}
