import { describe, expect, onTestFinished, test } from 'vitest'
import { type StateSource, terraformState } from '../../../../connectors/sources/terraform-state.ts'
import { until } from '../../../services/until.ts'
import { aContext, type TestContext } from '../a-context.ts'
import { hashKey } from '../a-record.ts'
import { FakeStates } from '../fake-states.ts'

async function start(store: FakeStates, context: TestContext, acceptShrink = false): Promise<StateSource> {
  const source = terraformState({ states: [{ store, acceptShrink }], pollMs: 10, hashKey })
  await source.start(context)
  onTestFinished(() => source.stop())
  return source
}

/** The keys that the log holds. */
function held(...contexts: TestContext[]): string[] {
  const newest = new Map<string, unknown>()
  for (const { outputs } of contexts)
    for (const { snapshots = [] } of outputs) for (const { key, value } of snapshots) newest.set(key, value)
  return [...newest].flatMap(([key, value]) => (value === null ? [] : key)).sort()
}

const rows = (lineage: string, count: number) =>
  [...Array.from({ length: count }, (_, i) => `${lineage}|aws_vpc.a[${i}]`), `__sync|${lineage}`].sort()

const untilHeld = (keys: string[], ...contexts: TestContext[]) =>
  until(`${keys.length} keys`, () => held(...contexts).length === keys.length || undefined)

const heldBack = (source: StateSource) => source.standings().some((standing) => standing.heldBack)

const warnings = ({ logged }: TestContext) =>
  logged.flatMap(({ level, message }) => (level === 'warn' ? message : []))

describe('a state that has lost more than half of its resources', () => {
  /** One of 40 that has come down to 19, and is held back. */
  async function shrunken() {
    const store = new FakeStates()
    store.put('a', { serial: 1, count: 40 })
    const context = aContext()
    const source = await start(store, context)
    await untilHeld(rows('a', 40), context)
    expect(heldBack(source)).toBe(false)
    store.put('a', { serial: 2, count: 19 })
    await until('held back', () => heldBack(source) || undefined)
    return { store, context, source }
  }

  test('is held back, and said once: nothing of it is published', async () => {
    const { store, context, source } = await shrunken()
    store.put('b', { serial: 1, count: 1 })
    await untilHeld([...rows('a', 40), ...rows('b', 1)], context)
    expect(held(context)).toEqual([...rows('a', 40), ...rows('b', 1)].sort())
    expect(source.healthy()).toBe(true)
    expect(warnings(context)).toEqual([
      expect.stringMatching(
        /held back: serial 2 holds 19 resources where serial 1 held 40; .*acceptShrink: true/,
      ),
    ])
  })

  test('is published when a later serial is as small', async () => {
    const { store, context, source } = await shrunken()
    store.put('a', { serial: 3, count: 18 })
    await untilHeld(rows('a', 18), context)
    await until('no longer held back', () => !heldBack(source) || undefined)
  })

  test('is published once Terraform was seen deleting enough of them, before it is read or after', async () => {
    const store = new FakeStates()
    store.put('a', { serial: 1, count: 40 })
    const context = aContext()
    let seen = 0
    const asked: (readonly string[])[] = []
    context.seenDeleted = async (keys) => {
      asked.push(keys)
      return seen
    }
    const source = await start(store, context)
    await untilHeld(rows('a', 40), context)
    store.put('a', { serial: 2, count: 12 })
    await until('held back', () => heldBack(source) || undefined)
    await until('asked again', () => asked.length > 2 || undefined)
    expect(held(context)).toEqual(rows('a', 40))
    expect(asked[0]).toEqual(rows('a', 40).filter((key) => !rows('a', 12).includes(key)))
    seen = 15
    const before = asked.length
    await until('asked again', () => asked.length > before + 1 || undefined)
    expect(held(context)).toEqual(rows('a', 40))
    seen = 16
    await untilHeld(rows('a', 12), context)
    await until('no longer held back', () => !heldBack(source) || undefined)
    expect(warnings(context)).toHaveLength(1)
  })

  test('is forgotten when a later serial is whole again', async () => {
    const { store, context, source } = await shrunken()
    store.put('a', { serial: 3, count: 41 })
    await untilHeld(rows('a', 41), context)
    await until('no longer held back', () => !heldBack(source) || undefined)
    store.put('a', { serial: 4, count: 2 })
    await until('held back anew', () => heldBack(source) || undefined)
    expect(held(context)).toEqual(rows('a', 41))
  })

  test('stays held back over a restart, and is confirmed by the next serial then too', async () => {
    const { store, context, source } = await shrunken()
    await source.stop()
    const next = aContext(context.kept)
    const successor = await start(store, next)
    await until('held back', () => heldBack(successor) || undefined)
    expect(next.outputs).toEqual([])
    store.put('a', { serial: 3, count: 19 })
    await untilHeld(rows('a', 19), context, next)
  })

  test('is confirmed by the configuration', async () => {
    const { store, context, source } = await shrunken()
    await source.stop()
    const next = aContext(context.kept)
    await start(store, next, true)
    await untilHeld(rows('a', 19), context, next)
    expect(warnings(next)).toEqual([])
  })

  test('is not held back if the log has lost what it held', async () => {
    const { store, context, source } = await shrunken()
    await source.stop()
    const next = aContext(context.kept)
    next.isLost = async () => true
    await start(store, next)
    await until('its marker', () => held(next).includes('__sync|a') || undefined)
    expect(held(next)).toEqual(rows('a', 19))
  })

  test('once confirmed is published whole, even if that is cut short', async () => {
    const { store, context, source } = await shrunken()
    await source.stop()
    const next = aContext(context.kept)
    next.whenEmitting = async () => {
      throw new Error('broker away')
    }
    store.put('a', { serial: 3, count: 19 })
    const cut = await start(store, next)
    await until('a refusal', () => !cut.healthy() || undefined)
    await cut.stop()
    const last = aContext(next.kept)
    await start(store, last)
    await untilHeld(rows('a', 19), context, last)
  })
})

test('half of its resources, or most of a few, may go at once', async () => {
  const store = new FakeStates()
  store.put('half', { serial: 1, count: 40 })
  store.put('few', { serial: 1, count: 9 })
  const context = aContext()
  await start(store, context)
  await untilHeld([...rows('half', 40), ...rows('few', 9)], context)
  store.put('half', { serial: 2, count: 20 })
  store.put('few', { serial: 2, count: 0 })
  await untilHeld([...rows('half', 20), ...rows('few', 0)], context)
  expect(warnings(context)).toEqual([])
})

describe('a state that is gone from below a prefix', () => {
  test('is taken back if it was small', async () => {
    const store = new FakeStates()
    store.put('a', { serial: 1, count: 3 })
    store.put('b', { serial: 1, count: 1 })
    const context = aContext()
    const source = await start(store, context)
    await untilHeld([...rows('a', 3), ...rows('b', 1)], context)
    store.texts.delete('mem://a')
    await untilHeld(rows('b', 1), context)
    await until('it is forgotten', () => source.standings().length === 1 || undefined)
  })

  test('is held back if it was not, over a restart too, until the configuration accepts it', async () => {
    const store = new FakeStates()
    store.put('a', { serial: 1, count: 30 })
    store.put('b', { serial: 1, count: 1 })
    const context = aContext()
    const source = await start(store, context)
    await untilHeld([...rows('a', 30), ...rows('b', 1)], context)
    store.texts.delete('mem://a')
    await until('held back', () => heldBack(source) || undefined)
    expect(warnings(context)).toEqual([expect.stringContaining('it is gone, and 30 resources with it')])
    await source.stop()
    const next = aContext(context.kept)
    const successor = await start(store, next)
    await until('held back', () => heldBack(successor) || undefined)
    await successor.stop()
    expect(next.outputs).toEqual([])
    const last = aContext(next.kept)
    await start(store, last, true)
    await untilHeld(rows('b', 1), context, last)
  })

  test('is taken back if it had lost most of its resources before', async () => {
    const store = new FakeStates()
    store.put('a', { serial: 1, count: 30 })
    store.put('b', { serial: 1, count: 1 })
    const context = aContext()
    const source = await start(store, context)
    await untilHeld([...rows('a', 30), ...rows('b', 1)], context)
    store.put('a', { serial: 2, count: 0 })
    await until('held back', () => heldBack(source) || undefined)
    store.texts.delete('mem://a')
    await untilHeld(rows('b', 1), context)
  })

  test('may have moved: its resources stay', async () => {
    const store = new FakeStates()
    store.put('a', { serial: 1, count: 30, lineage: 'l' })
    const context = aContext()
    const source = await start(store, context)
    await untilHeld(rows('l', 30), context)
    store.put('b', { serial: 2, count: 29, lineage: 'l' })
    store.texts.delete('mem://a')
    await untilHeld(rows('l', 29), context)
    await until('the old place is forgotten', () => source.standings().length === 1 || undefined)
    expect(held(context)).toEqual(rows('l', 29))
    expect(warnings(context)).toEqual([])
  })
})

test('a place that is away is said once, stops no start, and is read when it is back', async () => {
  const store = new FakeStates()
  store.put('a', { serial: 1, count: 1 })
  store.away = true
  const context = aContext()
  const source = await start(store, context)
  await until('unhealthy', () => !source.healthy() || undefined)
  await until('a line', () => context.logged.length > 0 || undefined)
  store.away = false
  await until('healthy', () => source.healthy() || undefined)
  expect(held(context)).toEqual(rows('a', 1))
  expect(context.logged.map(({ fields }) => fields.error)).toEqual([
    expect.stringContaining('nobody answers'),
  ])
})

test('a state that stays as it is is read once, and seen ever anew', async () => {
  const store = new FakeStates()
  store.put('a', { serial: 1, count: 1 })
  const context = aContext()
  const source = await start(store, context)
  const seen = () => source.standings()[0]?.seenAt ?? null
  const first = await until('seen', () => seen() ?? undefined)
  await until('seen again', () => seen()! > first || undefined)
  // The start looks whether there is anything to read at all.
  expect(store.reads).toEqual(['mem://a', 'mem://a'])
  expect(source.standings()).toMatchObject([
    { state: 'mem://a', writtenAt: 1_700_000_000_000, heldBack: false },
  ])
})
