import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { smallestDifferences } from '../../../processors/detect/smallest-differences.ts'
import type { Json } from '../../../processors/finding.ts'

const between = (before: Json[], after: Json[]) => smallestDifferences('rule', before, after)

describe('of two lists of blocks', () => {
  it('a block is told by its id, and taken apart', () => {
    expect(
      between(
        [{ id: 'a' }, { id: 'b', expiration: [{ days: 90, date: '' }], tags: { Team: 'shop' } }],
        [{ id: 'b', expiration: [{ days: 7 }], tags: { Team: 'other' } }, { id: 'a' }],
      ),
    ).toEqual([
      { path: 'rule[1].expiration[0].days', before: 90, after: 7 },
      { path: 'rule[1].tags.Team', before: 'shop', after: 'other' },
    ])
  })

  it('or by its ARN, where it has neither id nor name', () => {
    const weights = (one: number, two: number) => [
      { version_arn: 'v:1', weight: one },
      { version_arn: 'v:2', weight: two },
    ]
    expect(between(weights(80, 20), weights(90, 10))).toEqual([
      { path: 'rule[0].weight', before: 80, after: 90 },
      { path: 'rule[1].weight', before: 20, after: 10 },
    ])
  })

  it('the only one without an id that differs is, too', () => {
    const kept = { prefix: 'kept/' }
    expect(between([kept, { prefix: 'in/' }], [{ prefix: 'out/' }, kept])).toEqual([
      { path: 'rule[1].prefix', before: 'in/', after: 'out/' },
    ])
  })

  it('those that nothing tells apart came and went as a whole', () => {
    expect(between([{ id: 'a' }], [{ id: 'b' }])).toEqual([
      { path: 'rule', before: [{ id: 'a' }], after: [{ id: 'b' }] },
    ])
    expect(between([{ x: 1 }, { x: 2 }], [{ x: 3 }])).toEqual([
      { path: 'rule', before: [{ x: 1 }, { x: 2 }], after: [{ x: 3 }] },
    ])
    expect(between([], [{ id: 'b' }])).toEqual([{ path: 'rule', before: undefined, after: [{ id: 'b' }] }])
  })

  it('a list within a block tells what went and what came, of values as of blocks', () => {
    const block = (events: Json, steps: Json) => ({ id: 'a', events, steps })
    expect(
      between([block(['put', 'post'], [{ n: 1 }, { n: 2 }])], [block(['post', 'copy'], [{ n: 2 }])]),
    ).toEqual([
      { path: 'rule[0].events', before: ['put'], after: ['copy'] },
      { path: 'rule[0].steps', before: [{ n: 1 }], after: undefined },
    ])
  })

  it('what is false, 0 or empty is the same as unset', () => {
    expect(between([{ id: 'a', on: false, size: 0, name: '', list: [], block: {} }], [{ id: 'a' }])).toEqual(
      [],
    )
    expect(between([{ id: 'a', key: 'k' }], [{ id: 'a', key: '' }])).toEqual([
      { path: 'rule[0].key', before: 'k', after: undefined },
    ])
  })

  it('nothing differs between a list and itself in another order', () => {
    const block = fc.dictionary(fc.constantFrom('id', 'a', 'b'), fc.jsonValue({ maxDepth: 2 }))
    fc.assert(
      fc.property(fc.array(block, { maxLength: 4 }), (list) => {
        expect(between(list as Json[], [...list].reverse() as Json[])).toEqual([])
      }),
    )
  })
})
