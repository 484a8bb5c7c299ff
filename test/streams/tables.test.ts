import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryStore } from '../../streams/memory-store.ts'
import { type Store, StoreError } from '../../streams/store.ts'
import type { TableRecord, TableSpec } from '../../streams/table.ts'
import { tableFamilies } from '../../streams/table-families.ts'
import { openTables, type Tables, type TablesOptions } from '../../streams/tables.ts'
import { type FaultyStore, faultyStore } from './faulty-store.ts'
import { type ManualBus, manualBus } from './manual-bus.ts'

interface Row {
  text: string
  names: string[]
}

/** `bad` cannot be read, `marker` is no row; else a text, and the names after a colon. */
const spec: TableSpec<Row> = {
  topic: 'state',
  decode(_, value) {
    const [text = '', names = ''] = String(value).split(':')
    if (text === 'bad') throw new Error('cannot be read')
    return text === 'marker' ? null : { text, names: names.split(',').filter(Boolean) }
  },
  namesOf: (_, { names }) => names,
}

type Rows = { rows: Row }

let held: Store
let store: FaultyStore
let bus: ManualBus
let events: string[]
let tables: Tables<Rows>

beforeEach(async () => {
  held = memoryStore(tableFamilies(['rows', 'others']))
  store = faultyStore(held)
  bus = manualBus('state', 2)
  events = []
  tables = await open()
})
afterEach(async () => {
  vi.useRealTimers()
  await tables.close()
})

function open(options: Partial<TablesOptions<Rows>> = {}): Promise<Tables<Rows>> {
  return openTables<Rows>({
    bus,
    store,
    tables: { rows: spec },
    deleteRetentionMs: 24 * 3_600_000,
    onFatal: (error) => events.push(`fatal: ${error.message}`),
    onBadRecord: (table, { partition, offset }) => events.push(`bad: ${table} ${partition}/${offset}`),
    onRebuild: (table, reason) => events.push(`rebuild: ${table}: ${reason}`),
    ...options,
  })
}

async function reopen(options: Partial<TablesOptions<Rows>> = {}): Promise<void> {
  await tables.close()
  tables = await open(options)
}

function wrote(...records: TableRecord[]): Promise<void> {
  const positions = records.map(({ partition, offset }) => ({ topic: 'state', partition, offset }))
  return tables.wrote(
    records.map(({ key, value }) => ({ topic: 'state', key, value })),
    positions,
  )
}

async function contents(): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for await (const { key, value } of tables.table.rows.rows()) found[key] = value.text
  return found
}

async function find(...names: string[]): Promise<string[][]> {
  return (await tables.table.rows.find(names)).map((rows) =>
    rows.map(({ key, value }) => `${key}=${value.text}`),
  )
}

async function stored(family: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of held.iterate(family)) keys.push(String(key))
  return keys
}

describe('a table', () => {
  it('holds the newest record of each key once it has caught up, and follows', async () => {
    bus.append(0, 'a', 'old')
    bus.append(1, 'b', 'of b')
    bus.append(0, 'a', 'new')
    await tables.caughtUp()
    expect(await contents()).toEqual({ a: 'new', b: 'of b' })
    expect(tables.table.rows.size).toBe(2)

    bus.append(0, 'c', 'later')
    bus.append(1, 'b', null)
    await bus.deliver(0)
    await bus.deliver(1)
    expect(await contents()).toEqual({ a: 'new', c: 'later' })
    expect(tables.table.rows.size).toBe(2)
    expect((await tables.table.rows.getMany(['c', 'b', 'a', 'c'])).map((row) => row?.text)).toEqual([
      'later',
      undefined,
      'new',
      'later',
    ])
  })

  it('goes on after a restart where it was, with what it had', async () => {
    bus.append(0, 'a', 'one:x')
    await tables.caughtUp()
    await reopen()
    expect(bus.next).toEqual([1, 0])
    expect(await contents()).toEqual({ a: 'one' })
    expect(tables.table.rows.size).toBe(1)
    expect(await find('x')).toEqual([['a=one']])
    expect(events).toEqual([])
  })

  it('knows how many records are still to come', async () => {
    await reopen()
    expect(tables.table.rows.lag).toBe(0)
    for (const text of ['one', 'two', 'three']) bus.append(0, 'a', text)
    await bus.deliver(0, 1)
    expect(tables.table.rows.lag).toBe(2)
    await reopen()
    expect(tables.table.rows.lag).toBe(2)
    // What is at the very end may have been compacted away: nothing of it is ever delivered.
    await bus.deliver(0, 3, () => true)
    await tables.caughtUp()
    expect(tables.table.rows.lag).toBe(0)
  })

  it('sees at once what its owner has written, and once only', async () => {
    const one = bus.append(0, 'a', 'one')
    await wrote(one)
    expect(await contents()).toEqual({ a: 'one' })
    const [two, gone] = [bus.append(0, 'a', 'two'), bus.append(1, 'b', 'of b')]
    await wrote(two, gone)
    await wrote(bus.append(1, 'b', null))
    expect(await contents()).toEqual({ a: 'two' })
    await bus.deliver(0, 1)
    await bus.deliver(1, 1)
    expect(await contents()).toEqual({ a: 'two' })
    await tables.caughtUp()
    expect(await contents()).toEqual({ a: 'two' })
    expect(tables.table.rows.size).toBe(1)
    expect(await stored('rows')).toEqual(['a'])
  })

  it('passes over what was written to other topics', async () => {
    const before = store.writes
    await tables.wrote(
      [{ topic: 'alerts', key: Buffer.from('a'), value: Buffer.from('alert') }],
      [{ topic: 'alerts', partition: 0, offset: 0 }],
    )
    expect(await contents()).toEqual({})
    expect(store.writes).toBe(before)
  })

  it('has no row for markers, for records without a key, and for those that cannot be read', async () => {
    bus.append(0, '__sync|state', 'marker')
    bus.append(0, null, 'no key')
    bus.append(0, 'a', 'good:x')
    bus.append(0, 'b', 'good')
    await tables.caughtUp()
    bus.append(0, 'a', 'bad')
    bus.append(0, 'c', 'good')
    await tables.caughtUp()
    expect(await contents()).toEqual({ b: 'good', c: 'good' })
    expect(await find('x')).toEqual([[]])
    expect(tables.table.rows.size).toBe(2)
    expect(events).toEqual(['bad: rows 0/4'])
    expect(await stored('rows')).toEqual(['b', 'c'])
  })

  it('prepares for every value that it decodes', async () => {
    const prepared = new Set<string>()
    const prepare = async (values: Buffer[]) => {
      for (const value of values) prepared.add(String(value))
    }
    const decode = (key: string, value: Buffer) => {
      if (!prepared.has(String(value))) throw new Error(`not prepared for ${value}`)
      return spec.decode(key, value)
    }
    const careful = { tables: { rows: { ...spec, prepare, decode } } }
    await reopen(careful)
    bus.append(0, 'a', 'one:x')
    await tables.caughtUp()
    bus.append(0, 'a', 'two:y')
    prepared.clear()
    await tables.caughtUp()
    expect(events).toEqual([])
    for (const read of [() => find('y'), contents, () => tables.table.rows.getMany(['a'])]) {
      await reopen(careful)
      prepared.clear()
      expect(JSON.stringify(await read())).toContain('two')
    }
  })

  it('serves two tables from one topic', async () => {
    const short = { ...spec, decode: (_: string, value: Buffer) => ({ length: value.length }) }
    await tables.close()
    bus.append(0, 'a', 'text')
    const both = await openTables({
      bus,
      store,
      tables: { rows: spec, others: { topic: 'state', decode: short.decode } },
      deleteRetentionMs: 1e9,
      onFatal: () => {},
    })
    await both.caughtUp()
    expect(await both.table.rows.getMany(['a'])).toEqual([{ text: 'text', names: [] }])
    expect(await both.table.others.getMany(['a'])).toEqual([{ length: 4 }])
    await both.close()
  })
})

describe('the names of a table', () => {
  it('lead to all rows that have them, in the order of the keys', async () => {
    bus.append(0, 'b', 'of b:x,y')
    bus.append(1, 'a', 'of a:x')
    bus.append(0, 'c', 'of c')
    await tables.caughtUp()
    expect(await find('y', 'x', 'none', 'x')).toEqual([
      ['b=of b'],
      ['a=of a', 'b=of b'],
      [],
      ['a=of a', 'b=of b'],
    ])
  })

  it('follow renames and deletions, and leave nothing behind', async () => {
    bus.append(0, 'a', 'one:x,y')
    bus.append(0, 'b', 'of b:x')
    await tables.caughtUp()
    bus.append(0, 'a', 'two:y,z')
    await tables.caughtUp()
    expect(await find('x', 'y', 'z')).toEqual([['b=of b'], ['a=two'], ['a=two']])
    bus.append(0, 'a', null)
    await wrote(bus.append(0, 'b', null))
    expect(await find('x', 'y')).toEqual([[], ['a=two']])
    await tables.caughtUp()
    expect(await find('x', 'y', 'z')).toEqual([[], [], []])
    expect(await stored('rows-names')).toEqual([])
    expect(await stored('rows')).toEqual([])
  })

  it('may be shared by many rows', async () => {
    const keys = Array.from({ length: 2_000 }, (_, index) => `key-${String(index).padStart(4, '0')}`)
    for (const [index, key] of keys.entries()) bus.append(index % 2, key, `text:shared,of ${key}`)
    await tables.caughtUp()
    for (const key of keys.slice(0, 500)) bus.append(keys.indexOf(key) % 2, key, null)
    await tables.caughtUp()
    const [shared, own] = await tables.table.rows.find(['shared', 'of key-1999'])
    expect(shared!.map(({ key }) => key)).toEqual(keys.slice(500))
    expect(own!.map(({ key }) => key)).toEqual(['key-1999'])
  })

  it('never lead to a row that has lost them while it was looked up', async () => {
    bus.append(0, 'a', 'one:x')
    await tables.caughtUp()
    await reopen()
    // The list of x has been read when the row is renamed; the row itself is read afterwards.
    const getMany = store.getMany
    store.getMany = async (family, keys) => {
      const values = await getMany(family, keys)
      store.getMany = getMany
      await wrote(bus.append(0, 'a', 'two:y'))
      return values
    }
    expect(await find('x')).toEqual([[]])
    expect(await find('y')).toEqual([['a=two']])
  })
})

describe('the cache of a table', () => {
  it('does not keep what was read before a change and arrives after it', async () => {
    bus.append(0, 'a', 'old')
    await tables.caughtUp()
    await reopen()
    const getMany = store.getMany
    store.getMany = async (family, keys) => {
      const values = await getMany(family, keys)
      store.getMany = getMany
      await wrote(bus.append(0, 'a', 'new'))
      return values
    }
    await tables.table.rows.getMany(['a'])
    expect((await tables.table.rows.getMany(['a']))[0]?.text).toBe('new')
  })

  it('saves look-ups of what was looked up before', async () => {
    bus.append(0, 'a', 'text:x')
    await tables.caughtUp()
    const [first] = await tables.table.rows.getMany(['a'])
    const getMany = vi.spyOn(store, 'getMany')
    expect((await tables.table.rows.getMany(['a']))[0]).toBe(first)
    expect(getMany).not.toHaveBeenCalled()
  })
})

describe('a table is rebuilt from the beginning', () => {
  beforeEach(async () => {
    bus.append(0, 'a', 'one:x')
    bus.append(0, 'gone', 'whose tombstone nobody will ever see:x')
    await tables.caughtUp()
  })

  async function expectRebuild(reason: string): Promise<void> {
    expect(events).toEqual([`rebuild: rows: ${reason}`])
    expect(bus.next).toEqual([0, 0])
    expect(await contents()).toEqual({})
    expect(await find('x')).toEqual([[]])
    expect(tables.table.rows.size).toBe(0)
    await bus.deliver(0, undefined, ({ key }) => String(key) === 'gone')
    expect(await contents()).toEqual({ a: 'one' })
    expect(await find('x')).toEqual([['a=one']])
    // Once only.
    await reopen()
    expect(events).toHaveLength(1)
  }

  it('on another cluster', async () => {
    bus.cluster = 'cluster-2'
    await reopen()
    await expectRebuild('another cluster')
  })

  it('when the log is shorter than what has been read of it', async () => {
    bus.log[0]!.pop()
    await reopen()
    await expectRebuild('the log is shorter')
  })

  it('when rows or names are made in another way', async () => {
    await reopen({ tables: { rows: { ...spec, version: '2' } } })
    expect(events).toEqual(['rebuild: rows: another version'])
    expect(bus.next).toEqual([0, 0])
  })

  it('when it is the fold of another topic', async () => {
    bus = manualBus('state-2', 2)
    await reopen({ tables: { rows: { ...spec, topic: 'state-2' } } })
    expect(events).toEqual(['rebuild: rows: another topic'])
    expect(await contents()).toEqual({})
  })

  it('when the tail broke off, which is fatal', async () => {
    bus.tailOptions!.onFatal!(new Error('the log went back'))
    await vi.waitFor(() => expect(events).toEqual(['fatal: the log went back']))
    events = []
    await reopen()
    await expectRebuild('the tail broke off')
  })

  it('when it was away for longer than tombstones are kept', async () => {
    vi.useFakeTimers({ now: Date.now() })
    await tables.close()
    vi.setSystemTime(Date.now() + 25 * 3_600_000)
    tables = await open()
    await expectRebuild('away for too long')
  })

  it('but not when it was up to date within that time, however old its last record', async () => {
    vi.useFakeTimers({ now: Date.now() })
    await reopen()
    await vi.advanceTimersByTimeAsync(100 * 3_600_000)
    await tables.close()
    vi.setSystemTime(Date.now() + 22 * 3_600_000)
    tables = await open()
    expect(events).toEqual([])
    expect(Object.keys(await contents())).toEqual(['a', 'gone'])
  })
})

describe('when the store fails', () => {
  it('a change is made wholly, or not at all and can be tried again', async () => {
    const record = bus.append(0, 'a', 'one:x')
    store.next = 'fails'
    await expect(wrote(record)).rejects.toThrow('disk')
    expect(await contents()).toEqual({})
    expect(tables.table.rows.size).toBe(0)
    store.next = 'works but is reported as failed'
    await expect(wrote(record)).rejects.toThrow('disk')
    await wrote(record)
    await tables.caughtUp()
    expect(await contents()).toEqual({ a: 'one' })
    expect(await find('x')).toEqual([['a=one']])
    expect(tables.table.rows.size).toBe(1)
  })

  it('damage is fatal, and said once', async () => {
    store.readError = new StoreError('CORRUPT', 'the store is damaged')
    await expect(wrote(bus.append(0, 'a', 'one'))).rejects.toThrow('damaged')
    await expect(wrote(bus.append(0, 'a', 'two'))).rejects.toThrow('damaged')
    expect(events).toEqual(['fatal: the store is damaged'])
  })
})
