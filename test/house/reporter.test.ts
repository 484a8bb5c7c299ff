import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'
import { root } from './source.ts'

/** Runs the cases of these names in a vitest of their own. */
function run(names: string[], env: Record<string, string> = {}) {
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs')
  const { status, stdout } = spawnSync(process.execPath, [vitest, 'run', ...names], {
    cwd: path.join(root, 'test/house/fixtures/run'),
    // Not this run's own environment: it tells vitest that it is a worker.
    env: { PATH: process.env.PATH, NO_COLOR: '1', ...env },
    encoding: 'utf8',
  })
  const lines = stdout.trimEnd().split('\n')
  return { status, lines, last: lines.at(-1) }
}

test('at the end stand the slowest tests, what was skipped and why, and after everything else the count', () => {
  const { status, last, lines } = run(['skips'])
  expect({ status, last }).toEqual({ status: 0, last: '1 passed, 0 failed, 2 skipped' })
  expect(lines.at(-2)).toBe('the last word of the teardown')
  const after = (heading: string) => lines.slice(lines.indexOf(heading) + 1)
  expect(after('Slowest tests:')[0]).toMatch(/^ +\d+ ms {2}skips\.case\.ts {2}passes$/)
  expect(after('Skipped tests:').slice(0, 2)).toEqual([
    '       1     Kafka: java is not installed',
    '       1     no disk here',
  ])
})

test('REQUIRE_SERVICES=1 makes a skipped test a fault, and names it', () => {
  const { status, last, lines } = run(['skips'], { REQUIRE_SERVICES: '1' })
  expect({ status, last }).toEqual({ status: 1, last: '1 passed, 0 failed, 2 skipped' })
  const named = lines.slice(lines.indexOf('REQUIRE_SERVICES=1 allows no skipped test:') + 1)
  expect(named.slice(0, 2)).toEqual(['  skips.case.ts  needs Kafka', '  skips.case.ts  says why not'])
})

test('a file that cannot be loaded counts as a failure, beside the failed tests', () => {
  expect(run(['fails', 'broken'])).toMatchObject({ status: 1, last: '1 passed, 2 failed, 0 skipped' })
})
