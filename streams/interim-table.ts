import { LRUCache } from 'lru-cache'
import type { Codec } from '../schemas/codec.ts'
import type { Batch, Bus, OutRecord, Position } from './bus.ts'
import type { Store, Write } from './store.ts'

export interface TableSpec<T> {
  name: string
  topic: string
  codec: Codec<T>
  namesOf?: (key: string, value: T) => string[]
}
export interface Table<T> {
  getMany(keys: string[]): Promise<(T | null)[]>
  find(names: string[]): Promise<{ key: string; value: T }[][]>
  rows(): AsyncIterable<{ key: string; value: T }>
}
const META = 'tables'
export function tableFamilies(names: string[]): string[] {
  return [META, ...names.flatMap((n) => [n, `${n}.names`])]
}

class TableImpl<T> {
  spec: TableSpec<T>
  store: Store
  cache = new LRUCache<string, { value: T }>({ max: 50_000 })
  last: Promise<unknown> = Promise.resolve()
  constructor(spec: TableSpec<T>, store: Store) {
    this.spec = spec
    this.store = store
  }
  locked<R>(work: () => Promise<R>): Promise<R> {
    const next = this.last.then(work)
    this.last = next.catch(() => {})
    return next
  }
  async decode(key: string, row: Buffer | null): Promise<T | null> {
    if (!row || row.length === 8) return null
    const hit = this.cache.get(key)
    if (hit) return hit.value
    const value = await this.spec.codec.decode(row.subarray(8))
    this.cache.set(key, { value })
    return value
  }
  async getMany(keys: string[]) {
    if (keys.length === 0) return []
    const missing = keys.filter((key) => !this.cache.has(key))
    const rows = missing.length ? await this.store.getMany(this.spec.name, missing) : []
    const found = new Map(missing.map((key, i) => [key, rows[i]!]))
    return Promise.all(
      keys.map(async (key) => this.cache.get(key)?.value ?? this.decode(key, found.get(key) ?? null)),
    )
  }
  async find(names: string[]) {
    if (names.length === 0) return []
    const lists = await this.store.getMany(`${this.spec.name}.names`, names)
    const keys = lists.map((list) => (list ? (JSON.parse(list.toString()) as string[]) : []))
    const all = [...new Set(keys.flat())]
    const values = await this.getMany(all)
    const byKey = new Map(all.map((key, i) => [key, values[i]]))
    return keys.map((list) =>
      list.flatMap((key) => {
        const value = byKey.get(key)
        return value ? [{ key, value }] : []
      }),
    )
  }
  async *rows() {
    for await (const { key, value } of this.store.iterate(this.spec.name)) {
      const decoded = await this.decode(key.toString(), value)
      if (decoded) yield { key: key.toString(), value: decoded }
    }
  }
  apply(
    records: { key: string; value: Buffer | null; offset: number }[],
    tail: { partition: number; next: number } | null,
  ) {
    return this.locked(async () => {
      const newest = new Map<string, (typeof records)[number]>()
      for (const record of records) {
        const known = newest.get(record.key)
        if (!known || record.offset > known.offset) newest.set(record.key, record)
      }
      const keys = [...newest.keys()]
      const old = keys.length ? await this.store.getMany(this.spec.name, keys) : []
      const writes: Write[] = []
      const deltas = new Map<string, { add: Set<string>; drop: Set<string> }>()
      const delta = (name: string) => {
        let d = deltas.get(name)
        if (!d) {
          d = { add: new Set(), drop: new Set() }
          deltas.set(name, d)
        }
        return d
      }
      for (const [i, key] of keys.entries()) {
        const record = newest.get(key)!
        const before = old[i] ?? null
        if (before && Number(before.readBigUInt64BE(0)) >= record.offset) continue
        if (this.spec.namesOf) {
          const was = before && before.length > 8 ? await this.spec.codec.decode(before.subarray(8)) : null
          const is = record.value ? await this.spec.codec.decode(record.value) : null
          for (const name of was ? this.spec.namesOf(key, was) : []) delta(name).drop.add(key)
          for (const name of is ? this.spec.namesOf(key, is) : []) {
            delta(name).drop.delete(key)
            delta(name).add.add(key)
          }
        }
        const head = Buffer.alloc(8)
        head.writeBigUInt64BE(BigInt(record.offset))
        const grave = record.value === null && tail !== null
        writes.push({
          family: this.spec.name,
          key,
          value: grave ? null : Buffer.concat([head, record.value ?? Buffer.alloc(0)]),
        })
        this.cache.delete(key)
      }
      const names = [...deltas.keys()]
      const lists = names.length ? await this.store.getMany(`${this.spec.name}.names`, names) : []
      for (const [i, name] of names.entries()) {
        const set = new Set(lists[i] ? (JSON.parse(lists[i]!.toString()) as string[]) : [])
        for (const key of deltas.get(name)!.drop) set.delete(key)
        for (const key of deltas.get(name)!.add) set.add(key)
        writes.push({
          family: `${this.spec.name}.names`,
          key: name,
          value: set.size ? Buffer.from(JSON.stringify([...set])) : null,
        })
      }
      if (tail)
        writes.push({
          family: META,
          key: `${this.spec.topic}/${tail.partition}`,
          value: Buffer.from(String(tail.next)),
        })
      if (writes.length) await this.store.apply(writes)
    })
  }
}

export async function openTables(options: {
  bus: Bus
  store: Store
  tables: TableSpec<never>[]
  onFatal?: (e: Error) => void
}) {
  const { bus, store } = options
  const tables = new Map(
    options.tables.map((spec) => [spec.topic, new TableImpl(spec as unknown as TableSpec<unknown>, store)]),
  )
  const next = new Map<string, number>()
  for (const topic of tables.keys())
    for (const { partition } of await bus.offsets(topic)) {
      const [at] = await store.getMany(META, [`${topic}/${partition}`])
      next.set(`${topic}/${partition}`, at ? Number(at.toString()) : 0)
    }
  const tail = await bus.tail(
    {
      topics: [...tables.keys()],
      from: (topic, partition) => next.get(`${topic}/${partition}`) ?? 0,
      ...(options.onFatal && { onFatal: options.onFatal }),
    },
    async ({ topic, partition, records }: Batch) => {
      await tables.get(topic)!.apply(
        records.map(({ key, value, offset }) => ({ key: key?.toString() ?? '', value, offset })),
        { partition, next: records.at(-1)!.offset + 1 },
      )
    },
  )
  return {
    table: <T>(topic: string) => tables.get(topic) as unknown as Table<T>,
    caughtUp: () => tail.caughtUp(),
    async wrote(records: readonly OutRecord[], positions: readonly Position[]) {
      for (const [topic, table] of tables) {
        const mine = records.flatMap(({ topic: t, key, value }, i) =>
          t === topic ? [{ key: key?.toString() ?? '', value, offset: positions[i]!.offset }] : [],
        )
        if (mine.length) await table.apply(mine, null)
      }
    },
    close: () => tail.stop(),
  }
}
