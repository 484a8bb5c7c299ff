import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonDocuments } from '../../../connectors/sources/documents.ts'

const BAD = 'not JSON'

/** The values in the text, with the texts of those that are not JSON. */
function read(text: string): unknown[] {
  return [...jsonDocuments(text)].map((document) =>
    document.value === undefined ? { [BAD]: document.text } : document.value,
  )
}

const a = { eventVersion: '1.10', requestParameters: { text: 'a "quoted" \\ } ] text', list: [[], {}] } }
const b = { eventVersion: '1.10', requestParameters: null }

const json = (value: unknown) => JSON.stringify(value)
const pretty = (value: unknown) => JSON.stringify(value, null, 2)

test.each([
  ['one value', json(a), [a]],
  ['one value over many lines', pretty(a), [a]],
  ['a list', json([a, b]), [a, b]],
  ['a list over many lines', pretty([a, b]), [a, b]],
  ['Records', json({ Records: [a, b] }), [a, b]],
  ['Records over many lines', pretty({ Records: [a, b] }), [a, b]],
  ['lower-case records', json({ records: [a] }), [a]],
  ['Records with other keys behind them', json({ Records: [a], marker: [1, { x: ']' }] }), [a]],
  ['Records behind other keys', json({ version: 1, Records: [a] }), [{ version: 1, Records: [a] }]],
  ['lines', `${json(a)}\n${json(b)}\n`, [a, b]],
  ['lines of Windows', `${json(a)}\r\n${json(b)}\r\n`, [a, b]],
  ['lines with blank ones between', `\n${json(a)}\n\n\n${json(b)}`, [a, b]],
  ['values over many lines, one after the other', `${pretty(a)}\n${pretty(b)}\n`, [a, b]],
  ['values one after the other on one line', `${json(a)}${json(b)}\t${json(a)}`, [a, b, a]],
  ['files one after the other', json({ Records: [a] }) + json({ Records: [b] }), [a, b]],
  ['lines that hold lists', `${json([a])}\n${json([b])}`, [a, b]],
  ['lines that hold texts', `${json(json(a))}\n${json(json(b))}`, [json(a), json(b)]],
  ['a list of texts and numbers', '["x,]", 12 , null]', ['x,]', 12, null]],
  [
    'an object without indents',
    '{\n"a":\n{\n"b": 1\n}\n}\n{\n"c":\n[\n2\n]\n}',
    [{ a: { b: 1 } }, { c: [2] }],
  ],
  ['nothing', ' \n ', []],
  ['an empty list', '{"Records":[]}', []],
])('reads %s', (_, text, values) => {
  expect(read(text)).toEqual(values)
})

test('a line that is not JSON leaves the others alone', () => {
  const broken = json(a).replace('"quoted', 'quoted"').slice(0, -3)
  expect(read(`${json(a)}\n${broken}\n${json(b)}`)).toEqual([a, { [BAD]: broken }, b])
  expect(read(`garbage\n${json(b)}`)).toEqual([{ [BAD]: 'garbage' }, b])
  expect(read(`${json(a)}\nsome\nlog\n${json(b)}`)).toEqual([a, { [BAD]: 'some\nlog' }, b])
})

test('text that is no JSON at all is one document', () => {
  expect(read('hello\nworld\n')).toEqual([{ [BAD]: 'hello\nworld' }])
})

test.each([
  ['lacks a closing brace', json(a).slice(0, -1)],
  ['lacks a closing quote', json(a).replace('text"', 'text')],
  ['has a brace too many', `${json(a)}}`],
  ['has a trailing comma', `${json(a).slice(0, -1)},}`],
  ['is a bare word', 'oops'],
])('a record of a list that %s leaves the others alone', (_, broken) => {
  const values = read(`{"Records":[${json(b)},${broken},${json(a)},${json(b)}]}`)
  expect(values.slice(-2)).toEqual([a, b])
  expect(values[0]).toEqual(b)
  expect(values.some((value) => BAD in (value as object))).toBe(true)
})

test('a list that is cut off gives what is whole, and says so', () => {
  const text = `{"Records":[${json(a)},${json(b)}`
  expect(read(text.slice(0, -2))).toEqual([a, { [BAD]: json(b).slice(0, -2) }])
  expect(read(`{"Records":[${json(a)},`)).toEqual([a, { [BAD]: '' }])
})

test('values one after the other take time in proportion', () => {
  const values = '{"a": 12345678901234567}'.repeat(50_000)
  const started = performance.now()
  expect(read(values)).toHaveLength(50_000)
  expect(performance.now() - started).toBeLessThan(15_000)
})

test('broken lines without end take time in proportion', () => {
  const lines = '{"eventVersion": {"a": 1}\n'.repeat(20_000)
  const started = performance.now()
  expect(read(lines)).toHaveLength(20_000)
  expect(read(`{"Records":[${lines.replaceAll('\n', ',')}]}`).length).toBeLessThan(100)
  expect(performance.now() - started).toBeLessThan(15_000)
})

const record = fc.dictionary(fc.string(), fc.jsonValue()).map((rest) => ({ eventVersion: '1', ...rest }))
// Integers beyond 2^53 become texts, which is not what is tested here.
const records = fc.array(record, { maxLength: 5 }).filter((values) => !/\d{16}/.test(json(values)))

test('whatever the records and the layout, they come out as they went in', () => {
  const layout = fc.constantFrom<(values: unknown[]) => string>(
    (values) => json(values),
    (values) => pretty(values),
    (values) => json({ Records: values }),
    (values) => pretty({ Records: values }),
    (values) => values.map(json).join('\n'),
    (values) => values.map(pretty).join('\n'),
    (values) => values.map(json).join(''),
  )
  fc.assert(
    fc.property(records, layout, (values, write) => {
      const plain = values.map((value) => JSON.parse(json(value)))
      expect(read(write(plain)).map((value) => json(value))).toEqual(plain.map(json))
    }),
    { numRuns: 150 },
  )
})

test('no text makes it throw or run for ever, and what it reads is in the text', () => {
  const noise = fc.stringMatching(/^[{}[\]",:\\ \nabR1]{0,60}$/)
  fc.assert(
    fc.property(fc.oneof(fc.string(), noise), (text) => {
      for (const document of jsonDocuments(text)) expect(text).toContain(document.text)
    }),
    { numRuns: 1000 },
  )
})
