import fc from 'fast-check'
import { expect, it } from 'vitest'
import { memoryStore } from '../../streams/memory-store.ts'
import type { TableRecord, TableSpec } from '../../streams/table.ts'
import { tableFamilies } from '../../streams/table-families.ts'
import { openTables } from '../../streams/tables.ts'
import { faultyStore } from './faulty-store.ts'
import { manualBus } from './manual-bus.ts'

const PARTITIONS = 2
/** Two keys for each partition. */
const KEYS = ['a', 'b', 'c', 'd']
const partitionOf = (key: string) => KEYS.indexOf(key) % PARTITIONS

interface Row {
  names: string[]
}

/** The value is the list of names; `bad` cannot be read. */
const spec: TableSpec<Row> = {
  topic: 'state',
  decode(_, value) {
    if (String(value) === 'bad') throw new Error('cannot be read')
    return { names: String(value).split(',') }
  },
  namesOf: (_, { names }) => names,
  marksOf: (_, { names }) => names,
}

const value = fc.oneof(
  { weight: 6, arbitrary: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 }).map(String) },
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constant('bad') },
)
const step = fc.oneof(
  fc.record({ do: fc.constant('publish' as const), key: fc.constantFrom(...KEYS), value }),
  fc.record({
    do: fc.constant('write through' as const),
    which: fc.nat(),
    count: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    do: fc.constant('deliver' as const),
    partition: fc.nat(PARTITIONS - 1),
    count: fc.integer({ min: 1, max: 4 }),
    compacted: fc.boolean(),
  }),
  fc.record({ do: fc.constant('write fails' as const), stored: fc.boolean() }),
  fc.record({ do: fc.constant('restart' as const) }),
)

it('is the fold of what it has seen of its topic, in whatever order written through, delivered, repeated, compacted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const held = memoryStore(tableFamilies(['rows']))
      const store = faultyStore(held)
      const bus = manualBus('state', PARTITIONS)
      const open = () =>
        openTables<{ rows: Row }>({
          bus,
          store,
          tables: { rows: spec },
          deleteRetentionMs: 1e9,
          onFatal: () => {},
        })
      let tables = await open()
      const published: TableRecord[] = []
      const seen = new Set<TableRecord>()

      /** Tried again if it fails, as the bus does. */
      async function insist(work: () => Promise<void>): Promise<void> {
        await work().catch(work)
      }

      async function writeThrough(records: TableRecord[]): Promise<void> {
        const positions = records.map(({ partition, offset }) => ({ topic: 'state', partition, offset }))
        await insist(() =>
          tables.wrote(
            records.map(({ key, value }) => ({ topic: 'state', key, value })),
            positions,
          ),
        )
        for (const record of records) if (record.offset >= bus.next[record.partition]!) seen.add(record)
      }

      async function deliver(partition: number, to: number, compacted: boolean): Promise<void> {
        const from = bus.next[partition]!
        const superseded = ({ key, offset }: TableRecord) =>
          compacted && bus.log[partition]!.some((other) => other.key!.equals(key!) && other.offset > offset)
        await insist(() => {
          bus.next[partition] = from
          return bus.deliver(partition, to, superseded)
        })
        for (const record of bus.log[partition]!.slice(from, to)) if (!superseded(record)) seen.add(record)
      }

      async function expectFold(): Promise<void> {
        const fold = foldOf(seen)
        const { rows } = tables.table
        const found = new Map<string, Row>()
        for await (const { key, value } of rows.rows()) found.set(key, value)
        expect(found).toEqual(fold)
        expect(rows.size).toBe(fold.size)
        const names = ['x', 'y', 'z']
        const byName = (await rows.find(names)).map((rows) => rows.map(({ key }) => key))
        expect(byName).toEqual(
          names.map((name) => [...fold].flatMap(([key, row]) => (row.names.includes(name) ? [key] : []))),
        )
        expect(await rows.count(names)).toEqual(byName.map(({ length }) => length))
        for (const [at, name] of names.entries()) {
          expect(await rows.marked(name, 3)).toEqual(byName[at]!.slice(0, 3))
        }
        expect(await rows.getMany(KEYS)).toEqual(KEYS.map((key) => fold.get(key) ?? null))
      }

      for (const each of steps) {
        if (each.do === 'publish') published.push(bus.append(partitionOf(each.key), each.key, each.value))
        else if (each.do === 'write through' && published.length > 0) {
          const from = each.which % published.length
          await writeThrough(published.slice(from, from + each.count))
        } else if (each.do === 'deliver') {
          const { partition, count, compacted } = each
          const to = Math.min(bus.log[partition]!.length, bus.next[partition]! + count)
          await deliver(partition, to, compacted)
        } else if (each.do === 'write fails') {
          store.next = each.stored ? 'works but is reported as failed' : 'fails'
        } else if (each.do === 'restart') {
          store.next = 'works'
          await tables.close()
          tables = await open()
        }
        await expectFold()
      }

      for (let partition = 0; partition < PARTITIONS; partition++) {
        await deliver(partition, bus.log[partition]!.length, true)
      }
      expect(foldOf(seen)).toEqual(foldOf(published))
      await expectFold()
      const left: string[] = []
      for await (const { key } of held.iterate('rows')) left.push(String(key))
      expect(left).toEqual([...foldOf(published).keys()])
      await tables.close()
    }),
    { numRuns: 150 },
  )
})

/** In the order of the keys. */
function foldOf(records: Iterable<TableRecord>): Map<string, Row> {
  const newest = new Map<string, TableRecord>()
  for (const record of records) {
    const known = newest.get(String(record.key))
    if (!known || known.offset < record.offset) newest.set(String(record.key), record)
  }
  const rows = KEYS.flatMap((key): [string, Row][] => {
    const value = newest.get(key)?.value ?? null
    return value === null || String(value) === 'bad' ? [] : [[key, { names: String(value).split(',') }]]
  })
  return new Map(rows)
}
