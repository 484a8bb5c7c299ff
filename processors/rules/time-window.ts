import { z } from 'zod'
import { strict } from './strict.ts'

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const day = `(${weekdays.join('|')})`

const clock = (hours: string, fix: string) => z.string().regex(new RegExp(`^${hours}$`), fix)

/** The times in which a filter holds, by the clock of a place. */
export const timeWindow = strict({
  days: z
    .array(z.string().regex(new RegExp(`^${day}(-${day})?$`), 'write days such as mon, or mon-fri'))
    .min(1, 'name at least one, or leave the key out')
    .optional(),
  from: clock('([01]\\d|2[0-3]):[0-5]\\d', 'write a time such as "09:00"').optional(),
  to: clock('(([01]\\d|2[0-3]):[0-5]\\d|24:00)', 'write a time such as "17:00"').optional(),
  timezone: z.string().refine(isTimeZone, 'write a name such as Europe/Berlin, or UTC').optional(),
})
  .refine(({ days, from, to }) => days !== undefined || from !== undefined || to !== undefined, {
    error: 'add days, from or to: without any of them it is always',
  })
  .refine(({ from = '00:00', to = '24:00' }) => from !== to, {
    path: ['to'],
    error: 'write another time than "from"; for whole days leave both out',
  })

export type TimeWindow = z.output<typeof timeWindow>

/**
 * Does an instant (epoch milliseconds) lie in the window? `from` belongs to it, `to` does not. One that ends before it
 * begins goes over midnight, and `days` are those on which it begins.
 */
export function compileTimeWindow({
  days,
  from,
  to,
  timezone = 'UTC',
}: TimeWindow): (time: number) => boolean {
  const begins = minutesOf(from ?? '00:00')
  const ends = minutesOf(to ?? '24:00')
  const on = new Set((days ?? ['mon-sun']).flatMap(daysOf))
  const clockOf = localClock(timezone)
  return (time) => {
    const { weekday, minute } = clockOf(time)
    const since = begins < ends ? minute >= begins && minute < ends : minute >= begins
    if (since) return on.has(weekday)
    return begins > ends && minute < ends && on.has((weekday + 6) % 7)
  }
}

/** mon-fri as numbers, from Monday 0; fri-mon goes over the end of the week. */
function daysOf(range: string): number[] {
  const [first, last = first] = range.split('-').map((name) => weekdays.indexOf(name as 'mon'))
  return Array.from({ length: ((last! - first! + 7) % 7) + 1 }, (_, step) => (first! + step) % 7)
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number)
  return hours! * 60 + minutes!
}

/** What the clocks of a time zone show at an instant: they know of summer time. */
function localClock(timeZone: string): (time: number) => { weekday: number; minute: number } {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  return (time) => {
    const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]))
    const weekday = weekdays.indexOf(parts.weekday!.toLowerCase() as 'mon')
    return { weekday, minute: Number(parts.hour) * 60 + Number(parts.minute) }
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name })
    return true
  } catch {
    return false
  }
}
