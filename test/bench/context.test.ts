import { expect, test } from 'vitest'
import { context } from '../../bench/context.ts'
import { testIo } from '../support/test-io.ts'

test('the cost of history and blast radius is printed, of how many dependents, and the worst look-up decides', async () => {
  const io = testIo()
  const isGood = await context({ resources: 1_000, lookUps: 10 }, io)
  const [, worst] = /the worst median is (\d+) µs/.exec(io.out())!
  expect(isGood).toBe(!io.out().includes('FAILED'))
  expect(isGood).toBe(Number(worst) < 1000)
  // Of a thousand resources a fifth depends on the shared network, which is one of them.
  expect(io.out()).toMatch(/^the shared network +199 +\d+ +\d+$/m)
  expect(io.out()).toMatch(/^a module’s network +3 +\d+ +\d+$/m)
  expect(io.out().match(/^\d+ changes before it +\d+\.\d$/gm)).toHaveLength(4)
})
