import { expect, it } from 'vitest'
import { retryAfterMs } from '../../../connectors/sinks/retry-after.ts'

const now = Date.parse('2026-03-01T10:00:00Z')

it.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Sun, 01 Mar 2026 10:01:00 GMT', 60_000],
  ['Sun, 01 Mar 2026 09:00:00 GMT', 0],
  ['soon', null],
  ['', null],
  [null, null],
])('reads %j as %j', (header, expected) => {
  expect(retryAfterMs(header, now)).toBe(expected)
})
