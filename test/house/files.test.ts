import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { importsOf } from './imports.ts'
import { placesOf, product, root, type SourceFile, sources } from './source.ts'

const LONGEST = 250

const shipped = sources(product)
const tests = sources(['test'])
// This file and its neighbours quote what they look for.
const others = tests.filter(({ file }) => !file.startsWith('test/house/'))

describe('a file of the product', () => {
  test(`has at most ${LONGEST} lines`, () => {
    const lengths = shipped.map(({ file, text }) => ({ file, lines: text.trimEnd().split('\n').length }))
    expect(lengths.filter(({ lines }) => lines > LONGEST)).toEqual([])
  })

  test('has nothing left to do', () => {
    expect(placesOf(shipped, /\b(?:TODO|FIXME|XXX|HACK)\b/)).toEqual([])
  })

  test('does not write to the console', () => {
    expect(placesOf(shipped, /\bconsole\.\w+\(/)).toEqual([])
  })
})

describe('a test', () => {
  test('is not run alone', () => {
    expect(placesOf(others, /\.only\b/)).toEqual([])
  })

  test('is skipped only while it runs, by skip(reason)', () => {
    expect(placesOf(others, SKIPPED)).toEqual([])
  })

  test('is skipped for want of something only where that is a service', () => {
    const needNone = others.filter(({ file }) => !/\.services\.test\.ts$|^test\/services\//.test(file))
    expect(placesOf(needNone, /\.(?:skipIf|runIf)\b/)).toEqual([])
  })

  test.each([
    ["test.skip('a', () => {})", true],
    ["describe.skip.each(cases)('a')", true],
    ["test.todo('a')", true],
    ['context.skip()', true],
    ["context.skip(size < 2, '')", true],
    ["context.skip('needs a disk')", false],
    ['skip(`needs a disk`)', false],
    ["skip(size < 2, 'has one only')", false],
    ['skip(size < 2, reasons[size])', false],
    ['skip(size < 2)', true],
  ])('%s', (line, found) => {
    expect(SKIPPED.test(line)).toBe(found)
  })

  test('is named *.services.test.ts where it needs a service, and only there', () => {
    const named = (file: string) => file.endsWith('.services.test.ts')
    const using = usersOf('test/services/available.ts', tests).filter((file) => file.endsWith('.test.ts'))
    const calling = tests.map(({ file }) => file).filter(named)
    expect(using.sort()).toEqual(calling.sort())
  })
})

test('every schema has a history', () => {
  const entries = (folder: string) => readdirSync(path.join(root, folder)).sort()
  const schemas = entries('schemas').filter((file) => file.endsWith('.avsc'))
  expect(schemas.map((file) => path.parse(file).name).sort()).toEqual(entries('schemas/history'))
})

/** Skipped for ever, or without a reason: skip('reason') and skip(condition, reason) have one. */
const SKIPPED =
  /\b(?:test|it|describe|suite)\.(?:skip|todo)\b|\bskip\((?!\s*['"`][^'"`]|[^'"`,]+,\s*(?:['"`][^'"`]|\w))/

/** The files that import this one, directly or through others. */
function usersOf(target: string, files: readonly SourceFile[]): string[] {
  const imports = files.flatMap(importsOf)
  const found = new Set([target])
  for (const file of found) {
    for (const one of imports) if (one.target === file) found.add(one.file)
  }
  return [...found].slice(1)
}
