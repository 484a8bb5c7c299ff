import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { read, root } from './source.ts'

const { scripts, bin, type } = JSON.parse(read('package.json')) as {
  scripts: Record<string, string>
  bin: Record<string, string>
  type: string
}

/** What people and pipelines call. */
const PROMISED = [
  ...['build', 'test', 'lint', 'typecheck', 'demo', 'start', 'bench', 'prepare'],
  ...['mappings:test', 'accuracy', 'docs:coverage'],
]

test.each(PROMISED)('npm run %s is there', (name) => {
  expect(scripts).toHaveProperty(name)
})

test('npm ci leaves a built program, since npm runs prepare after it', () => {
  expect(scripts.prepare).toBe(scripts.build)
})

test('tfdrift is the compiled command line', () => {
  expect(type).toBe('module')
  expect(bin).toEqual({ tfdrift: 'dist/cli/main.js' })
  expect(read('cli/main.ts')).toMatch(/^#!\/usr\/bin\/env -S node --/)
})

test('what the scripts run is there', () => {
  const commands = Object.values(scripts).join('\n')
  const programs = [...commands.matchAll(/(?:node )?((?:dist|scripts)\/\S+)/g)].map(
    ([, program = '']) => program,
  )
  const written = programs.map((program) => program.replace(/^dist\/(.+)\.js$/, '$1.ts'))
  expect(written.filter((file) => !existsSync(path.join(root, file)))).toEqual([])
})

test('the pipeline runs only scripts that are there', () => {
  const called = [...read('.ci/run').matchAll(/npm (?:run (\S+)|(test))/g)].map(([, run, own]) => run ?? own)
  expect(called.length).toBeGreaterThan(3)
  expect(called.filter((name) => !(name! in scripts))).toEqual([])
})
