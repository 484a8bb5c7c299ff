import { expect, test } from 'vitest'
import { rules } from '../../bench/rules.ts'
import { testIo } from '../support/test-io.ts'

test('the time of an event is printed for few rules and for many, with their ratio, and the worst decides', async () => {
  const io = testIo()
  const isGood = await rules({ rules: 1_000, events: 50, rounds: 1 }, io)
  expect(io.out().match(/^other .* \d+\.\d\d +\d+\.\d\d +\d+\.\d\d$/gm)).toHaveLength(4)
  const [, worst] = /the worst ratio is (\d+\.\d\d)/.exec(io.out())!
  expect(isGood).toBe(!io.out().includes('FAILED'))
  expect(isGood).toBe(Number(worst) < 2)
})
