import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../connectors/canonical-json.ts'
import { parseJson } from '../../connectors/json.ts'

test('integers that a double cannot hold are kept as texts', () => {
  expect(parseJson('{"a": 9007199254740993, "b": [-12345678901234567890], "c": 9007199254740991}')).toEqual({
    a: '9007199254740993',
    b: ['-12345678901234567890'],
    c: 9007199254740991,
  })
})

test('digits in texts and in fractions are left alone', () => {
  const text = '{"a":"x: 12345678901234567890, \\"1","b":0.1234567890123456,"c":[1234567890123456789012]}'
  expect(parseJson(text)).toEqual({
    a: 'x: 12345678901234567890, "1',
    b: 0.1234567890123456,
    c: ['1234567890123456789012'],
  })
  expect(parseJson('[1234567890123456.5, 12345678901234560e2]')).toEqual([
    1234567890123456.5, 12345678901234560e2,
  ])
})

test('everything else is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(
      fc.json().filter((text) => !/\d{16}/.test(text)),
      (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text))
      },
    ),
  )
  expect(() => parseJson('{"a":')).toThrow(SyntaxError)
})

test('one value has one canonical text, whatever the order of its keys', () => {
  expect(canonicalJson({ b: [{ y: 1, x: 2 }], a: null })).toBe('{"a":null,"b":[{"x":2,"y":1}]}')
  const shuffled = (value: Record<string, unknown>) => Object.fromEntries(Object.entries(value).reverse())
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value))
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})
