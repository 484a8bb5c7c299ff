import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bus, InRecord, OutRecord } from '../../streams/bus.ts'
import { embeddedBus, embeddedFamilies } from '../../streams/embedded-bus.ts'
import { memoryStore } from '../../streams/memory-store.ts'
import { openRocksStore } from '../../streams/rocks-store.ts'
import { type Store, StoreError } from '../../streams/store.ts'
import { busContract } from './bus.contract.ts'
import { type FaultyStore, faultyStore } from './faulty-store.ts'

busContract('embedded (memory)', async () => {
  const bus = await embeddedBus(memoryStore(embeddedFamilies))
  return { bus, stop: () => bus.close() }
})

busContract('embedded (RocksDB)', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'tfdrift-bus-'))
  const store = await openRocksStore(dir, embeddedFamilies)
  const bus = await embeddedBus(store)
  return {
    bus,
    stop: async () => {
      await bus.close()
      await store.close()
      await rm(dir, { recursive: true })
    },
  }
})

const range = (count: number) => Array.from({ length: count }, (_, index) => index)
const record = (topic: string, key: string | null, value: string | null): OutRecord => ({
  topic,
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
})
const texts = (records: readonly InRecord[]) => records.map(({ value }) => value && String(value))

let held: Store
let store: FaultyStore
let bus: Bus
beforeEach(async () => {
  held = memoryStore(embeddedFamilies)
  store = faultyStore(held)
  bus = await embeddedBus(store)
  await bus.ensureTopics([
    { name: 'in', partitions: 1, cleanup: 'delete' },
    { name: 'out', partitions: 1, cleanup: 'delete' },
    { name: 'state', partitions: 2, cleanup: 'compact' },
  ])
})
afterEach(async () => {
  vi.useRealTimers()
  await bus.close()
})

async function readAll(from: Bus, topic: string): Promise<InRecord[]> {
  const records: InRecord[] = []
  const tail = await from.tail({ topics: [topic], from: () => 0 }, async (batch) => {
    records.push(...batch.records)
  })
  await tail.caughtUp()
  await tail.stop()
  return records
}

async function count(family: string): Promise<number> {
  let rows = 0
  for await (const _ of held.iterate(family)) rows++
  return rows
}

const committed = async (group: string) => (await bus.committed(group, 'in'))[0]!.offset

describe('the embedded log', () => {
  it('is found again by the next bus on its store', async () => {
    await bus.publish([
      record('in', 'key', 'one'),
      record('state', 'key', 'old'),
      record('state', 'key', 'new'),
    ])
    await bus.resetOffsets('group', 'in', { to: 'latest' })
    const identity = await bus.clusterId()
    await bus.close()

    bus = await embeddedBus(held)
    expect(await bus.clusterId()).toBe(identity)
    expect(await bus.describe('state')).toEqual({ partitions: 2, cleanup: 'compact' })
    expect(await bus.offsets('in')).toEqual([{ partition: 0, low: 0, high: 1 }])
    expect(await committed('group')).toBe(1)
    expect(await bus.publish([record('in', 'key', 'two')])).toEqual([
      { topic: 'in', partition: 0, offset: 1 },
    ])
    expect(texts(await readAll(bus, 'in'))).toEqual(['one', 'two'])
    expect(texts(await readAll(bus, 'state'))).toEqual(['new'])
  })

  it('holds one record of each key of a compacted topic, be it a tombstone', async () => {
    await bus.publish(range(100).map((n) => record('state', `key-${n % 10}`, String(n))))
    await bus.publish(range(10).map((n) => record('state', `key-${n}`, n < 5 ? null : `last-${n}`)))
    const last = [null, null, null, null, null, 'last-5', 'last-6', 'last-7', 'last-8', 'last-9']
    expect(texts(await readAll(bus, 'state')).sort()).toEqual([...last].sort())
    expect(await count('log')).toBe(10)
  })

  it('refuses a record without a key in a compacted topic, and a partition that does not exist', async () => {
    await expect(bus.publish([record('state', null, 'value')])).rejects.toThrow(/without a key .* state/)
    await expect(bus.publish([{ ...record('in', 'key', 'value'), partition: 1 }])).rejects.toThrow(
      /partition 1/,
    )
  })

  it('writes what many publish at the same time in few writes', async () => {
    const before = store.writes
    await Promise.all(range(1_000).map((n) => bus.publish([record('in', 'key', String(n))])))
    expect(store.writes - before).toBeLessThan(10)
    expect(texts(await readAll(bus, 'in'))).toEqual(range(1_000).map(String))
  })

  it.each([
    ['fails', ['before', 'after']],
    ['works but is reported as failed', ['before', 'lost', 'after']],
  ] as const)('gives no offset twice after a write that %s', async (fate, expected) => {
    await bus.publish([record('in', 'key', 'before'), record('state', 'key', 'before')])
    store.next = fate
    await expect(bus.publish([record('in', 'key', 'lost'), record('state', 'key', 'lost')])).rejects.toThrow(
      'disk',
    )
    await bus.publish([
      record('in', 'key', 'after'),
      record('state', 'other', 'other'),
      record('state', 'key', 'after'),
    ])
    const records = await readAll(bus, 'in')
    expect(texts(records)).toEqual(expected)
    expect(records.map(({ offset }) => offset)).toEqual(range(expected.length))
    expect(texts(await readAll(bus, 'state')).sort()).toEqual(['after', 'other'])
  })

  it('deletes what is older than the retention of its topic, and keeps the offsets of the rest', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: 1_000_000 })
    await bus.close()
    bus = await embeddedBus(store)
    await bus.ensureTopics([{ name: 'short', partitions: 1, cleanup: 'delete', retentionMs: 60 * 60_000 }])
    await bus.publish([
      ...range(5).map((n) => record('short', 'key', `old-${n}`)),
      record('in', 'key', 'kept'),
    ])
    vi.advanceTimersByTime(50 * 60_000)
    await bus.publish(range(2).map((n) => record('short', 'key', `new-${n}`)))
    expect(texts(await readAll(bus, 'short'))).toHaveLength(7)

    vi.advanceTimersByTime(15 * 60_000)
    await vi.waitFor(async () =>
      expect(await bus.offsets('short')).toEqual([{ partition: 0, low: 5, high: 7 }]),
    )
    expect(texts(await readAll(bus, 'short'))).toEqual(['new-0', 'new-1'])
    expect(texts(await readAll(bus, 'in'))).toEqual(['kept'])
    expect(await count('log')).toBe(3)

    vi.advanceTimersByTime(60 * 60_000)
    await bus.close()
    bus = await embeddedBus(store)
    expect(await bus.offsets('short')).toEqual([{ partition: 0, low: 7, high: 7 }])
    await bus.publish([record('short', 'key', 'newest')])
    expect(await readAll(bus, 'short')).toMatchObject([{ offset: 7 }])
  })

  it('finds records by time even where the clock went back', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    for (const time of [1_000, 3_000, 2_000, 4_000]) {
      vi.setSystemTime(time)
      await bus.publish([record('in', 'key', String(time))])
    }
    expect((await readAll(bus, 'in')).map(({ timestamp }) => timestamp)).toEqual([1_000, 3_000, 3_000, 4_000])
    await bus.resetOffsets('group', 'in', { to: 'time', time: 2_500 })
    expect(await committed('group')).toBe(1)
    await bus.resetOffsets('group', 'in', { to: 'time', time: 3_500 })
    expect(await committed('group')).toBe(3)
  })

  it('wakes its readers without a timer', async () => {
    vi.useFakeTimers()
    const seen: InRecord[] = []
    await bus.tail({ topics: ['in'], from: () => 0 }, async ({ records }) => void seen.push(...records))
    for (const text of ['one', 'two']) {
      await bus.publish([record('in', 'key', text)])
      for (let turn = 0; turn < 100; turn++) await Promise.resolve()
    }
    expect(texts(seen)).toEqual(['one', 'two'])
  })
})

describe('a member of an embedded group', () => {
  it('follows a reset while it waits', async () => {
    await bus.publish(range(3).map((n) => record('in', 'key', String(n))))
    const seen: InRecord[] = []
    await bus.process({ group: 'group', topics: ['in'] }, async ({ records }) => {
      seen.push(...records)
      return []
    })
    await vi.waitFor(async () => expect(await committed('group')).toBe(3))
    await bus.resetOffsets('group', 'in', { to: 'offset', offset: 1 })
    await vi.waitFor(async () => expect(await committed('group')).toBe(3))
    expect(texts(seen)).toEqual(['0', '1', '2', '1', '2'])
  })

  it('follows a reset in the midst of a batch, whose commit does not count any more', async () => {
    await bus.publish(range(4).map((n) => record('in', 'key', String(n))))
    const offsets: number[] = []
    const commits: (number | null)[] = []
    const onPublished = async () => void commits.push(await committed('group'))
    await bus.process({ group: 'group', topics: ['in'], maxBatch: 2, onPublished }, async ({ records }) => {
      offsets.push(records[0]!.offset)
      if (offsets.length === 2) await bus.resetOffsets('group', 'in', { to: 'earliest' })
      return records.map(({ value }) => record('out', 'key', String(value)))
    })
    await vi.waitFor(() => expect(offsets).toHaveLength(4))
    await vi.waitFor(async () => expect(await committed('group')).toBe(4))
    expect(offsets).toEqual([0, 2, 0, 2])
    expect(commits).toEqual([2, 0, 2, 4])
  })

  it('leaves a batch that keeps failing when it is sent on', async () => {
    await bus.publish(range(2).map((n) => record('in', 'key', String(n))))
    const tried: number[] = []
    const member = await bus.process({ group: 'group', topics: ['in'], maxBatch: 1 }, async ({ records }) => {
      tried.push(records[0]!.offset)
      if (records[0]!.offset === 0) throw new Error('poison')
      return []
    })
    await vi.waitFor(() => expect(tried.length).toBeGreaterThan(0))
    expect(member.healthy()).toBe(false)
    await bus.resetOffsets('group', 'in', { to: 'offset', offset: 1 })
    await vi.waitFor(async () => expect(await committed('group')).toBe(2))
    expect(member.healthy()).toBe(true)
    expect(tried.at(-1)).toBe(1)
  })

  it('stores what a batch gives and its commit together, or neither', async () => {
    await bus.publish([record('in', 'key', 'value')])
    let tries = 0
    await bus.process({ group: 'group', topics: ['in'] }, async ({ records }) => {
      if (tries++ === 0) store.next = 'fails'
      return records.map(({ value }) => record('out', 'key', String(value)))
    })
    await vi.waitFor(async () => expect(await committed('group')).toBe(1))
    expect(texts(await readAll(bus, 'out'))).toEqual(['value'])
    await bus.publish([record('in', 'key', 'next')])
    const before = store.writes
    await vi.waitFor(async () => expect(await committed('group')).toBe(2))
    expect(store.writes - before).toBeLessThanOrEqual(1)
  })

  it('puts its partitions down before another takes them up, however long a batch takes', async () => {
    await bus.publish([record('in', 'key', 'value')])
    const steps: string[] = []
    let finish = () => {}
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    await bus.process({ group: 'group', topics: ['in'] }, async () => {
      steps.push('first begins')
      await finished
      steps.push('first ends')
      return []
    })
    await vi.waitFor(() => expect(steps).toEqual(['first begins']))
    const onAssigned = async () => void steps.push('second is assigned')
    await bus.process({ group: 'group', topics: ['in'], onAssigned }, async () => [])
    await new Promise(setImmediate)
    finish()
    await vi.waitFor(() => expect(steps).toEqual(['first begins', 'first ends', 'second is assigned']))
  })

  it('says at once that its store is damaged', async () => {
    const fatal: Error[] = []
    await bus.process(
      { group: 'group', topics: ['in'], onFatal: (error) => fatal.push(error) },
      async () => [],
    )
    const tail = await bus.tail(
      { topics: ['in'], from: () => 0, onFatal: (error) => fatal.push(error) },
      async () => {},
    )
    await bus.publish([record('in', 'key', 'value')])
    await vi.waitFor(async () => expect(await committed('group')).toBe(1))
    await tail.caughtUp()
    store.readError = new StoreError('CORRUPT', 'the store is damaged')
    await bus.publish([record('in', 'key', 'value')])
    await vi.waitFor(() => expect(fatal).toEqual([store.readError, store.readError]))
    await expect(tail.caughtUp()).rejects.toThrow('damaged')
  })
})
