import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical, canonicalText } from '../../../processors/compare/canonical.ts'
import type { Json } from '../../../processors/finding.ts'

const json = fc.jsonValue() as fc.Arbitrary<Json>

describe('the canonical form', () => {
  it('is its own canonical form', () => {
    fc.assert(
      fc.property(json, (value) => {
        const once = canonical(value)
        expect(canonicalText(once)).toBe(canonicalText(value))
      }),
    )
  })

  it('W2 of a whole number, a flag and their texts is one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: -(10 ** 14), max: 10 ** 14 }), fc.boolean()), (value) => {
        expect(canonicalText(String(value))).toBe(canonicalText(value))
      }),
    )
  })

  it('of a number with decimals and its text is one', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999_999, max: 999_999 }), fc.nat(999), (whole, part) => {
        const text = `${whole}.${String(part).padStart(3, '0')}`
        expect(canonicalText(text)).toBe(canonicalText(Number(text)))
      }),
    )
  })

  it.each(['2027-06-01T00:00:00Z', '2027-06-01T00:00:00.000Z', '2027-06-01T00:00:00+00:00'])(
    'of the whole second %s is one in all its spellings',
    (text) => {
      expect(canonical(text)).toBe('2027-06-01T00:00:00Z')
    },
  )

  it.each(['2027-06-01T00:00:00.5Z', '2027-06-01T00:00:00+02:00', '2027-06-01', 'at 2027-06-01T00:00:00.0Z'])(
    'leaves the time %s as it is',
    (text) => {
      expect(canonical(text)).toBe(text)
    },
  )

  it.each(['007', '+1', '1e3', '0x10', ' 1', '1 ', '.5', '1.', '--1', '1234567890123456', 'TRUE', 'True'])(
    'leaves %j a text',
    (text) => {
      expect(canonical(text)).toBe(text)
    },
  )

  it('forgets what is not set, at every depth', () => {
    const unset: Json[] = [null, '', [], {}, [null, ''], { a: null, b: { c: [] } }]
    for (const value of unset) expect(canonical(value)).toBeNull()
    expect(canonical({ a: 1, b: '', c: { d: null, e: 'x' } })).toEqual({ a: 1, c: { e: 'x' } })
  })

  it('keeps the places of a list', () => {
    expect(canonical(['', 'a'])).toEqual([null, 'a'])
    expect(canonicalText(['', 'a'])).not.toBe(canonicalText(['a', '']))
  })

  it('keeps a key whatever its name', () => {
    expect(canonicalText(JSON.parse('{"__proto__": {"a": 1}}') as Json)).toBe('{"__proto__":{"a":1}}')
    expect(canonicalText(JSON.parse('{"constructor": 1}') as Json)).toBe('{"constructor":1}')
  })
})
