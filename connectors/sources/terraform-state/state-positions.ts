import type { PositionStore } from '../../source.ts'
import type { Published } from './publication.ts'

/** What is kept of one state between looks and restarts. */
export interface StatePosition {
  lineage: string
  serial: number
  published: Published
  /** What has been read since and is held back: it has lost too much to be believed at once. */
  heldBack?: { lineage: string; serial: number }
}

// The name of the source's first kind of place: data directories are read by it.
const INDEX = 'terraform-state-files'

/** The positions of states by their source, with an index of all that may have records in the log. */
export class StatePositions {
  readonly #store: PositionStore
  constructor(store: PositionStore) {
    this.#store = store
  }

  async sources(): Promise<string[]> {
    return JSON.parse((await this.#store.get(INDEX)) ?? '[]') as string[]
  }

  async of(source: string): Promise<StatePosition | null> {
    const text = await this.#store.get(keyOf(source))
    return text === null ? null : (JSON.parse(text) as StatePosition)
  }

  async move(source: string, position: StatePosition): Promise<void> {
    const sources = await this.sources()
    if (!sources.includes(source)) await this.#store.set(INDEX, JSON.stringify([...sources, source]))
    await this.#store.set(keyOf(source), JSON.stringify(position))
  }

  /** To be called when the log holds none of its records any more. */
  async forget(source: string): Promise<void> {
    const position: StatePosition = { lineage: '', serial: 0, published: {} }
    await this.#store.set(keyOf(source), JSON.stringify(position))
    const others = (await this.sources()).filter((other) => other !== source)
    await this.#store.set(INDEX, JSON.stringify(others))
  }
}

function keyOf(source: string): string {
  return `${INDEX}:${source}`
}
