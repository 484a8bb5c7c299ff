import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countMatches } from '../../../processors/windows/count-matches.ts'
import { foldMatch } from '../../../processors/windows/fold.ts'
import type { CountedMatch, CountWindow } from '../../../schemas/counting-types.ts'
import { aCountedMatch } from './a-counted-match.ts'
import { fulfilledIn, someMatches } from './oracle.ts'

function byActor(all: readonly CountedMatch[]): CountedMatch[][] {
  const groups = new Map<string, CountedMatch[]>()
  for (const one of all) groups.set(one.by[0]!.value, [...(groups.get(one.by[0]!.value) ?? []), one])
  return [...groups.values()]
}

/** `ACTOR START` of each stretch in which the rule is fulfilled. */
const expected = (all: readonly CountedMatch[]) =>
  byActor(all)
    .flatMap((own) => fulfilledIn(own).map((start) => `${own[0]!.by[0]!.value} ${start}`))
    .sort()
const found = (all: readonly CountedMatch[]) =>
  countMatches(all)
    .map(({ counted, start }) => `${counted.by[0]!.value} ${start}`)
    .sort()

const at = (time: number, eventId = `e${time}`) => aCountedMatch({ match: { time, eventId } })
const step = (time: number, steps: number[], eventId = `e${time}-${steps}`) =>
  aCountedMatch({ kind: 'pattern', needed: 2, match: { time, steps, eventId } })

test('rules of several events find what their definition says, whatever the order and the repeats', () => {
  fc.assert(
    fc.property(someMatches, fc.infiniteStream(fc.nat()), (all, order) => {
      const shuffled = all
        .map((one) => ({ one, at: order.next().value! }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one)
      expect(found(all)).toEqual(expected(all))
      expect(found(shuffled)).toEqual(expected(all))
    }),
    { numRuns: 400 },
  )
})

describe('a threshold', () => {
  test('is reached by matches on both sides of a border of stretches', () => {
    expect(found([at(8), at(9), at(11)])).toEqual(['alice 10'])
  })

  test('is not reached by matches that are as far apart as the window is long', () => {
    expect(found([at(1), at(5), at(11)])).toEqual([])
    expect(found([at(2), at(5), at(11)])).toEqual(['alice 10'])
  })

  test('is told once for all that happens in a stretch', () => {
    expect(found(Array.from({ length: 300 }, (_, n) => at(30, `e-${n}`)))).toEqual(['alice 30'])
  })

  test('keeps no more matches than it takes', () => {
    const windows = new Map<string, CountWindow>()
    for (let n = 0; n < 300; n++) {
      const one = at(30 + (n % 10), `e-${n}`)
      const { windows: changed } = foldMatch(one, (key) => windows.get(key) ?? null, { partition: 0, now: 0 })
      for (const [key, window] of changed) windows.set(key, window)
    }
    expect([...windows.values()].map(({ matches }) => matches.map(({ time }) => time))).toEqual([
      [39, 39, 39],
    ])
  })

  test('tells again when the match comes again with which it was told: the alert may have been lost', () => {
    const windows = new Map<string, CountWindow>()
    const fold = (one: CountedMatch) => {
      const folded = foldMatch(one, (key) => windows.get(key) ?? null, { partition: 0, now: 0 })
      for (const [key, window] of folded.windows) windows.set(key, window)
      return folded.completed.length
    }
    expect([at(1), at(2), at(3), at(4), at(3), at(4)].map(fold)).toEqual([0, 0, 1, 0, 1, 0])
  })
})

describe('a pattern', () => {
  test('is followed in its order only', () => {
    expect(found([step(1, [0]), step(4, [1])])).toEqual(['alice 0'])
    expect(found([step(1, [1]), step(4, [0])])).toEqual([])
  })

  test('is followed by calls of one second, in which nobody knows the order', () => {
    expect(found([step(4, [1], 'a'), step(4, [0], 'b')])).toEqual(['alice 0'])
  })

  test('is not followed by one event alone, whatever it touches', () => {
    const both = [
      step(4, [0, 1], 'a'),
      aCountedMatch({ ...step(4, [0, 1], 'a'), match: { id: 'b', time: 4, steps: [0, 1], eventId: 'a' } }),
    ]
    expect(found(both)).toEqual([])
    expect(found([...both, step(4, [1], 'c')])).toEqual(['alice 0'])
  })

  test('is found behind any number of its first steps', () => {
    const many = Array.from({ length: 1000 }, (_, n) => step(n % 9, [0], `e-${n}`))
    expect(found([...many, step(9, [1])])).toEqual(['alice 0'])
  })

  test('keeps some hundred matches of a sort at most', () => {
    const windows = new Map<string, CountWindow>()
    for (let n = 0; n < 1000; n++) {
      const one = step(n % 9, [0], `e-${n}`)
      const { windows: changed } = foldMatch(one, (key) => windows.get(key) ?? null, { partition: 0, now: 0 })
      for (const [key, window] of changed) windows.set(key, window)
    }
    expect([...windows.values()].map(({ matches }) => matches.length)).toEqual([200])
  })
})
