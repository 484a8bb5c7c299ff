import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { compileTimeWindow, type TimeWindow, timeWindow } from '../../../processors/rules/time-window.ts'

const fits = (window: TimeWindow, time: string) =>
  compileTimeWindow(timeWindow.parse(window))(Date.parse(time))

const office: TimeWindow = { days: ['mon-fri'], from: '09:00', to: '17:00', timezone: 'Europe/Berlin' }
const night: TimeWindow = { days: ['fri'], from: '22:00', to: '06:00', timezone: 'Europe/Berlin' }

describe('a time window', () => {
  it.each<[string, TimeWindow, string, boolean]>([
    ['begins with "from"', office, '2026-03-02T08:00:00Z', true],
    ['has not begun a moment earlier', office, '2026-03-02T07:59:59.999Z', false],
    ['is over at "to"', office, '2026-03-02T16:00:00Z', false],
    ['lasts until a moment before that', office, '2026-03-02T15:59:59.999Z', true],
    ['does not hold on other days', office, '2026-03-01T10:00:00Z', false],
    ['follows the clocks into summer time', office, '2026-03-30T07:00:00Z', true],
    ['is an hour earlier then by UTC', office, '2026-03-30T15:00:00Z', false],
    ['follows them back', office, '2026-10-26T07:30:00Z', false],
    [
      'holds on the local day, not that of UTC',
      { days: ['mon'], timezone: 'Asia/Tokyo' },
      '2026-03-01T15:00:00Z',
      true,
    ],
    ['nor on the day of UTC alone', { days: ['sun'], timezone: 'Asia/Tokyo' }, '2026-03-01T15:00:00Z', false],
    ['over midnight holds in the evening', night, '2026-03-06T21:00:00Z', true],
    ['over midnight belongs to the day on which it began', night, '2026-03-07T04:59:00Z', true],
    ['over midnight is over in the morning', night, '2026-03-07T05:00:00Z', false],
    ['over midnight holds not in the morning of its day', night, '2026-03-06T04:00:00Z', false],
    ['over midnight begins on none but its days', night, '2026-03-07T21:30:00Z', false],
    [
      'over the end of the week goes from Sunday to Monday',
      { days: ['sun'], from: '23:00', to: '01:00' },
      '2026-03-02T00:30:00Z',
      true,
    ],
    ['of days over the end of the week has both', { days: ['sat-mon'] }, '2026-03-02T12:00:00Z', true],
    [
      'of days over the end of the week leaves out the others',
      { days: ['sat-mon'] },
      '2026-03-03T12:00:00Z',
      false,
    ],
    ['without days holds on all of them', { from: '10:00', to: '11:00' }, '2026-03-01T10:30:00Z', true],
    ['without "to" lasts until midnight', { from: '18:00' }, '2026-03-01T23:59:00Z', true],
    ['without "to" is over at midnight', { from: '18:00' }, '2026-03-02T00:00:00Z', false],
    ['may end at 24:00', { from: '18:00', to: '24:00' }, '2026-03-01T23:59:00Z', true],
    ['without "from" begins at midnight', { to: '06:00' }, '2026-03-01T00:00:00Z', true],
    ['without a time zone goes by UTC', { from: '10:00', to: '11:00' }, '2026-07-01T10:00:00Z', true],
  ])('%s', (_, window, time, expected) => {
    expect(fits(window, time)).toBe(expected)
  })

  it.each([
    ['nothing', {}, 'add days, from or to: without any of them it is always'],
    ['a day that is none', { days: ['monday'] }, 'write days such as mon, or mon-fri'],
    ['no day', { days: [] }, 'name at least one, or leave the key out'],
    ['an hour that is none', { from: '24:00' }, 'write a time such as "09:00"'],
    ['a time without minutes', { to: '17' }, 'write a time such as "17:00"'],
    [
      'a time that ends where it begins',
      { from: '09:00', to: '09:00' },
      'write another time than "from"; for whole days leave both out',
    ],
    [
      'a whole day written as times',
      { to: '24:00', from: '00:00', days: [] },
      'name at least one, or leave the key out',
    ],
    [
      'a place that has no time zone',
      { days: ['mon'], timezone: 'Europe/Atlantis' },
      'write a name such as Europe/Berlin, or UTC',
    ],
  ])('cannot be of %s', (_, window, fix) => {
    expect(timeWindow.safeParse(window).error?.issues.map(({ message }) => message)).toContain(fix)
  })
})

test('a window and what is left of the day never hold at once, and one of them always does', () => {
  const time = fc.integer({ min: 0, max: 1439 }).map((at) => `${pad(Math.floor(at / 60))}:${pad(at % 60)}`)
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe')
  fc.assert(
    fc.property(
      time,
      time,
      zone,
      fc.date({ noInvalidDate: true, min: new Date(0) }),
      (from, to, timezone, at) => {
        fc.pre(from !== to)
        const one = compileTimeWindow({ from, to, timezone })(at.getTime())
        const other = compileTimeWindow({ from: to, to: from, timezone })(at.getTime())
        expect(one).toBe(!other)
      },
    ),
  )
})

function pad(number: number): string {
  return String(number).padStart(2, '0')
}
