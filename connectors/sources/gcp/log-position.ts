import type { PositionStore } from '../../source.ts'
import type { StoredObject } from './bucket.ts'

const HOUR_MS = 3_600_000

interface Kept {
  /** The latest hour of which an object has been read. */
  newest: number
  /** By name, of the hours that are looked at: which generation, and how many of its records; null: all. */
  objects: Record<string, { generation: string; records: number | null }>
}

/**
 * How far the objects of one log have been read. They are named by the hours of their entries, and come hours after
 * them in no certain order: so the last hours are kept object by object, and looked at again and again.
 */
export class LogPosition {
  readonly #store: PositionStore
  readonly #key: string
  readonly #fromMs: number
  readonly #lateMs: number
  #kept: Kept | null = null

  constructor(
    store: PositionStore,
    key: string,
    { from = 0, lateHours }: { from?: number; lateHours: number },
  ) {
    this.#store = store
    this.#key = key
    this.#fromMs = from - (from % HOUR_MS)
    this.#lateMs = lateHours * HOUR_MS
  }

  /** What the names to look at begin with, or are behind. */
  async firstName(): Promise<string> {
    const { newest } = await this.#load()
    return new Date(this.#firstHour(newest)).toISOString().slice(0, 13).replaceAll(/[-T]/g, '/')
  }

  /** How many of the object's records have been read; null: there is nothing more to read. */
  async recordsOf({ name, generation }: StoredObject): Promise<number | null> {
    const { newest, objects } = await this.#load()
    const hour = hourOf(name)
    if (hour === null || hour < this.#firstHour(newest)) return null
    const known = objects[name]
    return known?.generation === generation ? known.records : 0
  }

  async move({ name, generation }: StoredObject, records: number | null): Promise<void> {
    const { newest, objects } = await this.#load()
    const latest = Math.max(newest, hourOf(name)!)
    const kept = Object.entries({ ...objects, [name]: { generation, records } }).filter(
      ([each]) => hourOf(each)! >= this.#firstHour(latest),
    )
    const next = { newest: latest, objects: Object.fromEntries(kept) }
    await this.#store.set(this.#key, JSON.stringify(next))
    this.#kept = next
  }

  #firstHour(newest: number): number {
    return Math.max(this.#fromMs, newest - this.#lateMs)
  }

  async #load(): Promise<Kept> {
    if (this.#kept) return this.#kept
    const text = await this.#store.get(this.#key)
    this.#kept = text === null ? { newest: 0, objects: {} } : (JSON.parse(text) as Kept)
    return this.#kept
  }
}

/** Of a name behind its log's: `2026/03/01/08:00:00_08:59:59_S0.json`, `_A0:…` for what came late. */
function hourOf(name: string): number | null {
  const [, year, month, day, hour] = /^(\d{4})\/(\d\d)\/(\d\d)\/(\d\d):[^/]*$/.exec(name) ?? []
  const time = Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`)
  return Number.isNaN(time) ? null : time
}
