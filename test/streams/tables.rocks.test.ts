import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { embeddedBus, embeddedFamilies } from '../../streams/embedded-bus.ts'
import { openStoreOrRebuild } from '../../streams/open-store.ts'
import { openRocksStore } from '../../streams/rocks-store.ts'
import { tableFamilies } from '../../streams/table-families.ts'
import { openTables } from '../../streams/tables.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

it('a table on RocksDB follows the embedded log over restarts, and is filled again when its store is lost', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'tfdrift-tables-'))
  const rebuilds: string[] = []

  /** One life of a process: publishes, and says what the table holds then. */
  async function live(key: string, value: string | null): Promise<Record<string, string[]>> {
    const log = await openRocksStore(path.join(dir, 'log'), embeddedFamilies)
    const store = await openStoreOrRebuild(path.join(dir, 'tables'), tableFamilies(['rows']), silent)
    const bus = await embeddedBus(log)
    await bus.ensureTopics([{ name: 'state', partitions: 3, cleanup: 'compact' }])
    const tables = await openTables<{ rows: { text: string } }>({
      bus,
      store,
      tables: {
        rows: {
          topic: 'state',
          decode: (_, value) => ({ text: String(value) }),
          namesOf: (_, { text }) => [text, 'any'],
          marksOf: (_, { text }) => [text, 'any'],
        },
      },
      deleteRetentionMs: 3_600_000,
      onFatal: (error) => rebuilds.push(String(error)),
      onRebuild: (_, reason) => rebuilds.push(reason),
    })
    await tables.caughtUp()
    const record = {
      topic: 'state',
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
    }
    await tables.wrote([record], await bus.publish([record]))
    const names = ['any', 'red', 'blue']
    const found = await tables.table.rows.find(names)
    expect(found[0]).toHaveLength(tables.table.rows.size)
    const { rows } = tables.table
    expect(await rows.count(names)).toEqual(found.map(({ length }) => length))
    for (const [at, name] of names.entries()) {
      expect(await rows.marked(name, 2)).toEqual(found[at]!.slice(0, 2).map(({ key }) => key))
    }
    for (const each of [tables, bus, store, log]) await each.close()
    return Object.fromEntries(names.map((name, index) => [name, found[index]!.map(({ key }) => key)]))
  }

  expect(await live('a', 'red')).toEqual({ any: ['a'], red: ['a'], blue: [] })
  expect(await live('b', 'red')).toEqual({ any: ['a', 'b'], red: ['a', 'b'], blue: [] })
  expect(await live('a', 'blue')).toEqual({ any: ['a', 'b'], red: ['b'], blue: ['a'] })
  await rm(path.join(dir, 'tables'), { recursive: true })
  expect(await live('c', 'red')).toEqual({ any: ['a', 'b', 'c'], red: ['b', 'c'], blue: ['a'] })
  expect(await live('a', null)).toEqual({ any: ['b', 'c'], red: ['b', 'c'], blue: [] })
  await rm(path.join(dir, 'log'), { recursive: true })
  expect(await live('d', 'red')).toEqual({ any: ['d'], red: ['d'], blue: [] })
  expect(rebuilds).toEqual(['another cluster'])
  await rm(dir, { recursive: true })
})
