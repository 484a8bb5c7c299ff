import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { satisfies } from './satisfies.ts'
import { read, root } from './source.ts'

interface Manifest {
  license?: string
  engines?: { node?: string }
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}

const manifest = JSON.parse(read('package.json')) as Manifest
const names = Object.keys(manifest.dependencies).sort()
const rows = tableOf(read('docs/dependencies.md'))

/** Package → licence and reason, of the table in the document. */
function tableOf(document: string): Map<string, { licence: string; why: string }> {
  const cells = document.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  return new Map(
    cells.flatMap(([, name, licence, why]) => {
      const [, plain] = /^`(.+)`$/.exec(name ?? '') ?? []
      return plain ? [[plain, { licence: licence ?? '', why: why ?? '' }] as const] : []
    }),
  )
}

function installed(name: string): Manifest {
  return JSON.parse(read(`node_modules/${name}/package.json`)) as Manifest
}

/** What the package says of itself; where it says nothing, what its licence file is headed. */
function licenceOf(name: string): string {
  const { license } = installed(name)
  if (license) return license
  const file = readdirSync(path.join(root, 'node_modules', name)).find((entry) => /^licen[cs]e/i.test(entry))
  if (!file) return 'none'
  const [heading = ''] = read(`node_modules/${name}/${file}`).trim().split('\n')
  return heading.replace(/ License$/, '')
}

describe('the runtime dependencies', () => {
  test('are those of docs/dependencies.md', () => {
    expect([...rows.keys()].sort()).toEqual(names)
  })

  test('each have a reason there', () => {
    expect(names.filter((name) => !rows.get(name)?.why)).toEqual([])
  })

  test('are those of the lock file', () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Manifest> }
    const { dependencies, devDependencies } = lock.packages[''] ?? { dependencies: {}, devDependencies: {} }
    expect({ dependencies, devDependencies }).toEqual({
      dependencies: manifest.dependencies,
      devDependencies: manifest.devDependencies,
    })
  })

  test.each(names)('%s has the licence that the document names', (name) => {
    expect(licenceOf(name)).toBe(rows.get(name)?.licence)
  })

  test.each(names)('%s runs on Node 20.19 and 24', (name) => {
    const range = installed(name).engines?.node ?? '*'
    expect(['20.19.0', '24.0.0'].filter((version) => !satisfies(version, range))).toEqual([])
  })
})

test('the project itself says that it runs on Node 20.19 and 24, and not before', () => {
  const range = manifest.engines?.node ?? '*'
  const versions = ['20.18.3', '20.19.0', '24.0.0']
  expect(versions.map((version) => satisfies(version, range))).toEqual([false, true, true])
})

describe('satisfies', () => {
  test.each([
    ['20.19.0', '>=20.19', true],
    ['20.18.9', '>= 20.19', false],
    ['24.0.0', '20 || >=22', true],
    ['21.0.0', '20 || >=22', false],
    ['20.19.0', '^16 || ^18 || ^20.17', true],
    ['22.0.0', '^20.17.0', false],
    ['20.20.0', '~20.19.1', false],
    ['20.19.0', '>=18 <=20', true],
    ['24.0.0', '>=18 <24', false],
    ['24.0.0', '>20.x', true],
    ['20.9.0', '>20', false],
    ['20.9.0', '20.x', true],
    ['0.2.9', '^0.2.3', true],
    ['0.3.0', '^0.2.3', false],
    ['1.0.0', '*', true],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfies(version, range)).toBe(expected)
  })

  test('does not guess', () => {
    expect(() => satisfies('1.0.0', 'latest')).toThrow('not a range that this knows: latest')
  })
})
