import { describe, expect, test } from 'vitest'
import { cyclesOf, type Import, importsOf } from './imports.ts'
import { product, type SourceFile, sources } from './source.ts'

type Folder = (typeof product)[number]

/** What each folder may import of the others; `types` is what the compiler takes away again. */
const allowed: Record<Folder, Partial<Record<Folder, 'all' | 'types'>>> = {
  schemas: {},
  mappings: {},
  rules: {},
  processors: { schemas: 'all', mappings: 'all' },
  streams: { schemas: 'all', processors: 'all' },
  connectors: { schemas: 'all', mappings: 'all', streams: 'types' },
  cli: everything(),
  bench: everything(),
}

const libraries = ['kafkajs', '@kafkajs/confluent-schema-registry', 'rocksdb-native']

/** The folders that may know these libraries, and why. */
const mayKnow: Partial<Record<Folder, string>> = {
  streams: 'they are its inside',
  bench: 'the yardstick is what the same libraries do without the product',
}

const files = sources(product)
const imports = files.flatMap(importsOf)

function everything(): Record<Folder, 'all'> {
  return Object.fromEntries(product.map((folder) => [folder, 'all'])) as Record<Folder, 'all'>
}

function isForbidden({ file, target, inside, typeOnly }: Import): boolean {
  const from = folderOf(file)
  if (!inside) return libraries.includes(target) && mayKnow[from] === undefined
  const to = folderOf(target)
  // The root and test/ are no part of the product. The benches share the generators of the tests.
  if (!product.includes(to)) return from !== 'bench'
  if (from === to) return false
  const permission = allowed[from][to]
  return permission === undefined || (permission === 'types' && !typeOnly)
}

function folderOf(file: string): Folder {
  return file.split('/')[0] as Folder
}

function show({ file, line, target, typeOnly }: Import): string {
  return `${file}:${line} imports ${typeOnly ? 'types of ' : ''}${target}`
}

describe('the imports of the product', () => {
  test('keep to the table', () => {
    expect(imports.filter(isForbidden).map(show)).toEqual([])
  })

  test('never go in a round', () => {
    expect(cyclesOf(imports.filter(({ file }) => folderOf(file) !== 'bench'))).toEqual([])
  })
})

describe('the look at imports', () => {
  const from = (text: string): SourceFile => ({ file: 'cli/config/a.ts', text })
  const seen = (text: string) =>
    importsOf(from(text)).map(({ line, target, typeOnly }) => [line, target, typeOnly])

  test.each([
    ["import a from './b.ts'", [1, 'cli/config/b.ts', false]],
    ["import * as a from 'kafkajs'", [1, 'kafkajs', false]],
    ["import { a,\n  type B,\n} from '../b.ts'", [1, 'cli/b.ts', false]],
    ["import { type A } from './b.ts'", [1, 'cli/config/b.ts', false]],
    ["import type { A } from './b.ts'", [1, 'cli/config/b.ts', true]],
    ["import './b.ts'", [1, 'cli/config/b.ts', false]],
    ["export { a } from './b.ts'", [1, 'cli/config/b.ts', false]],
    ["export * from '../../streams/bus.ts'", [1, 'streams/bus.ts', false]],
    ["export type { A } from './b.ts'", [1, 'cli/config/b.ts', true]],
    ["\n  const { a } = await import('@kafkajs/x/y.js')", [2, '@kafkajs/x', false]],
    ["type A = import('./b.ts').A", [1, 'cli/config/b.ts', true]],
    ["const a = require('rocksdb-native')", [1, 'rocksdb-native', false]],
  ])('%s', (text, expected) => {
    expect(seen(text)).toEqual([expected])
  })

  test('takes two statements apart, and leaves alone what only looks like one', () => {
    expect(seen("export { a }\nimport type { B } from './b.ts'\n")).toEqual([[2, 'cli/config/b.ts', true]])
    expect(seen("// import('x')\n * import('x')\nexport const a = 'from'\nexport type B = 'b'\n")).toEqual([])
  })

  test('finds a round, whatever leads into it', () => {
    const edge = (file: string, target: string) => importsOf({ file, text: `import '${target}'` })
    const round = [edge('a.ts', './b.ts'), edge('b.ts', './c.ts'), edge('c.ts', './b.ts')].flat()
    expect(cyclesOf(round)).toEqual(['b.ts → c.ts → b.ts'])
    expect(cyclesOf(round.slice(0, 2))).toEqual([])
  })

  test('the tables forbid what they are there to forbid', () => {
    const forbidden = (file: string, text: string) => importsOf({ file, text }).map(isForbidden)
    expect(forbidden('processors/a.ts', "import { b } from '../streams/bus.ts'")).toEqual([true])
    expect(forbidden('connectors/a.ts', "import { b } from '../streams/bus.ts'")).toEqual([true])
    expect(forbidden('connectors/a.ts', "import type { B } from '../streams/bus.ts'")).toEqual([false])
    expect(forbidden('cli/a.ts', "import { Kafka } from 'kafkajs'")).toEqual([true])
    expect(forbidden('cli/a.ts', "import { b } from '../test/support/b.ts'")).toEqual([true])
  })
})
