import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../processors/finding.ts'
import { readPath } from '../../processors/paths.ts'

const value: Json = {
  a: {
    b: 1,
    list: [{ c: 'x' }, { c: 'y' }, {}],
    one: { c: 'z' },
    empty: {},
    none: null,
    no: false,
  },
  pairs: [
    { key: 'idle.seconds', value: '60' },
    { key: 7, value: 'seven' },
  ],
}

describe('readPath', () => {
  it.each([
    ['a.b', 1],
    ['a.no', false],
    ['a.none', null],
    ['a.list[1].c', 'y'],
    ['a.list[].c', ['x', 'y']],
    ['a.list[]', [{ c: 'x' }, { c: 'y' }, {}]],
    ['a.b[]', [1]],
    ['pairs[key=idle.seconds].value', '60'],
    ['pairs[key=7].value', 'seven'],
  ] as [string, Json][])('%s leads to %j', (path, expected) => {
    expect(readPath(value, path)).toEqual(expected)
  })

  it.each([
    'x',
    'a.x.c',
    'a.b.c',
    'a.none.c',
    'a.list[9].c',
    'a.list.c',
    'a.none[]',
    'a.x[]',
    'a.x[0]',
    'pairs[key=none].value',
  ])('%s leads nowhere', (path) => {
    expect(readPath(value, path)).toBeUndefined()
  })

  it('takes a bare object for a list of one, and an empty one for an empty list', () => {
    expect(readPath(value, 'a.one[0].c')).toBe('z')
    expect(readPath(value, 'a.one[].c')).toEqual(['z'])
    expect(readPath(value, 'a.one[1].c')).toBeUndefined()
    expect(readPath(value, 'a.empty[]')).toEqual([])
    expect(readPath(value, 'a.empty[].c')).toEqual([])
  })

  it('does not find what every object inherits', () => {
    for (const path of ['constructor', 'a.list.length', '__proto__.toString', 'a.constructor.name']) {
      expect(readPath(value, path)).toBeUndefined()
    }
  })

  it('leads to what was put at a path, however deep', () => {
    const name = fc.constantFrom('a', 'b1', 'Name', 'x-y', 'odd name')
    const step = fc.record({ name, index: fc.option(fc.nat(3), { nil: undefined }) })
    const leaf = fc.constantFrom<Json>('leaf', 0, false, null, [1, 2])
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), leaf, (steps, put) => {
        const nested = steps.reduceRight<Json>((inner, one) => {
          if (one.index === undefined) return { [one.name]: inner }
          return { [one.name]: [...Array<Json>(one.index).fill('other'), inner] }
        }, put)
        const path = steps
          .map((one) => one.name + (one.index === undefined ? '' : `[${one.index}]`))
          .join('.')
        expect(readPath(nested, path)).toEqual(put)
      }),
    )
  })
})
