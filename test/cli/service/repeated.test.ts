import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { repeated } from '../../../cli/service/repeated.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('works at once, and after each of the times since it began last', () => {
  let works = 0
  const { begin, end } = repeated(() => works++, [30, 100])
  begin()
  expect(works).toBe(1)
  vi.advanceTimersByTime(30)
  expect(works).toBe(2)
  begin()
  vi.advanceTimersByTime(99)
  expect(works).toBe(4)
  vi.advanceTimersByTime(1)
  expect(works).toBe(5)
  begin()
  end()
  vi.advanceTimersByTime(1_000)
  expect(works).toBe(6)
})
