import { expect, test } from 'vitest'
import { durationSchema, longDurationSchema, parseDuration } from '../../cli/durations.ts'

test.each([
  ['250ms', 250],
  ['30s', 30_000],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
])('%s is %d milliseconds', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
  expect(durationSchema.parse(text)).toBe(ms)
})

test.each(['', '5', 'm', '0s', '05m', '-5m', '1.5h', '5 m', '5M', '5min', '5m30s', ' 5m'])(
  '%j is not a duration',
  (text) => {
    expect(parseDuration(text)).toBeNull()
    expect(durationSchema.safeParse(text).error?.issues.map(({ message }) => message)).toEqual([
      'must be a duration; such as 250ms, 30s, 5m or 2h',
    ])
  },
)

test('a duration that a timer cannot hold is refused', () => {
  expect(durationSchema.parse('24d')).toBe(24 * 86_400_000)
  expect(durationSchema.safeParse('25d').error?.issues[0]?.message).toBe('is too long; write 24d or less')
})

test('where no timer waits for it, it may be as long as it likes, or never be over', () => {
  expect(longDurationSchema.parse('90d')).toBe(90 * 86_400_000)
  expect(longDurationSchema.parse('never')).toBeNull()
  expect(longDurationSchema.safeParse('always').error?.issues[0]?.message).toBe(
    'must be never, or a duration; such as 12h or 30d',
  )
})
