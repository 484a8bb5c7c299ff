import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expandFlatmap } from '../../../../connectors/sources/terraform-state/flatmap.ts'

test.each<[string, Record<string, string>, unknown]>([
  ['scalars', { id: 'a', 'b-c': '1' }, { id: 'a', 'b-c': '1' }],
  ['a list', { 'a.#': '2', 'a.0': 'x', 'a.1': 'y' }, { a: ['x', 'y'] }],
  [
    'a long list in its order',
    Object.fromEntries([['a.#', '11'], ...[...Array(11).keys()].map((i) => [`a.${i}`, `${i}`])]),
    { a: [...Array(11).keys()].map(String) },
  ],
  ['a set', { 'a.#': '2', 'a.900': 'y', 'a.1000': 'x' }, { a: ['y', 'x'] }],
  ['a set with an element that was not known', { 'a.#': '1', 'a.~900.b': 'y' }, { a: [{ b: 'y' }] }],
  ['nothing in a list and in a map', { 'a.#': '0', 'b.%': '0' }, { a: [], b: {} }],
  [
    'a map with dots in its keys',
    { 'tags.%': '2', 'tags.a.b/c': '1', 'tags.d': '2' },
    { tags: { 'a.b/c': '1', d: '2' } },
  ],
  ['a map as it was counted before 0.7', { 'tags.#': '1', 'tags.Name': 'web' }, { tags: { Name: 'web' } }],
  [
    'blocks in blocks',
    { 'a.#': '1', 'a.0.b.#': '1', 'a.0.b.5.c.%': '1', 'a.0.b.5.c.d': 'x', 'a.0.e': '' },
    { a: [{ b: [{ c: { d: 'x' } }], e: '' }] },
  ],
  ['a list of lists', { 'a.#': '1', 'a.0.#': '1', 'a.0.0': 'x' }, { a: [['x']] }],
])('expands %s', (_, flat, expected) => {
  expect(expandFlatmap(flat)).toEqual(expected)
})

/** As Terraform wrote them before 0.12. */
function flatten(value: unknown, prefix: string, flat: Record<string, string>): Record<string, string> {
  if (typeof value === 'string') flat[prefix] = value
  else if (Array.isArray(value)) {
    flat[`${prefix}.#`] = String(value.length)
    for (const [index, item] of value.entries()) flatten(item, `${prefix}.${index}`, flat)
  } else {
    for (const [key, inner] of Object.entries(value as object))
      flatten(inner, prefix ? `${prefix}.${key}` : key, flat)
  }
  return flat
}

test('R45 what was flattened comes back', () => {
  const name = fc.stringMatching(/^[a-z][a-z_]{0,6}$/)
  const { block } = fc.letrec<{ block: unknown }>((tie) => ({
    block: fc.dictionary(
      name,
      fc.oneof(
        { maxDepth: 3 },
        fc.string(),
        fc.array(fc.string(), { maxLength: 3 }),
        fc.array(tie('block'), { maxLength: 3 }),
      ),
      { minKeys: 1, maxKeys: 3 },
    ),
  }))
  fc.assert(
    fc.property(block, (value) => {
      expect(expandFlatmap(flatten(value, '', {}))).toEqual(value)
    }),
  )
})

test('no keys make it throw', () => {
  const key = fc.stringMatching(/^[ab.#%0~]{0,8}$/)
  fc.assert(
    fc.property(fc.dictionary(key, fc.string()), (flat) => {
      expect(typeof expandFlatmap(flat)).toBe('object')
    }),
  )
  expect(() => expandFlatmap({ [`a${'.0'.repeat(50_000)}`]: 'x' })).not.toThrow()
})
