import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { read, type SourceFile, sources } from './source.ts'

/** The detection rules R1 to R50, and W1 to W18: what is easily got wrong. */
const numbers = [...upTo('R', 50), ...upTo('W', 18)]

function upTo(letter: string, last: number): string[] {
  return Array.from({ length: last }, (_, index) => `${letter}${index + 1}`)
}

const nameOfTest =
  /^\s*(?:it|test|describe)(?:\.each(?:<[^(]*>)?\((?:[^\n]*|\[\n[\s\S]*?^ *\])\))?\(\s*['"`]([RW]\d+)\b/gm

/** The numbers with which names of tests begin. Those that need a service do not run everywhere, and do not count. */
function numbersIn({ file, text }: SourceFile): string[] {
  if (!file.endsWith('.test.ts') || file.endsWith('.services.test.ts')) return []
  return [...text.matchAll(nameOfTest)].map(([, number]) => number!)
}

/** The numbers with which names of labelled cases begin. */
function numbersInCases(): string[] {
  const files = readdirSync(new URL('../../mappings/cases', import.meta.url), {
    recursive: true,
    encoding: 'utf8',
  })
  return files
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => [...read(`mappings/cases/${file}`).matchAll(/^- name: ['"]?([RW]\d+)\b/gm)])
    .map(([, number]) => number!)
}

test('each of the detection rules R1 to R50 and W1 to W18 is named by a test or a labelled case', () => {
  const named = new Set([...sources(['test']).flatMap(numbersIn), ...numbersInCases()])
  expect(numbers.filter((number) => !named.has(number))).toEqual([])
  expect([...named].filter((number) => !numbers.includes(number))).toEqual([])
})

test.each([
  [`it('R1: a', () => {})`, ['R1']],
  [`  describe("W2 b", () => {`, ['W2']],
  [`test.each([1, 2])('R3 %i', () => {})`, ['R3']],
  [`it.each([\n  ['a', 'R9'],\n])(\n  'R5: %s',\n  () => {},\n)`, ['R5']],
  [`it('of R4', () => {})`, []],
  [`// it('R6', () => {})`, []],
  [`it.skip('R7', () => {})`, []],
])('the look for names finds in %j %j', (text, expected) => {
  expect(numbersIn({ file: 'a.test.ts', text })).toEqual(expected)
  expect(numbersIn({ file: 'a.services.test.ts', text })).toEqual([])
})
