export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof weekdays)[number]

/** A time of the day, or of the night: `to` may lie on the next day, and is not part of it. */
export interface QuietHours {
  /** Minutes of the day, by the clock of the time zone. */
  from: number
  to: number
  /** Name of the IANA data base. */
  timezone: string
  /** On which it begins. */
  days: readonly Weekday[]
}

/** Whether this moment lies in any of them. By the clock on the wall, so that summer time needs no rule here. */
export function isQuiet(hours: readonly QuietHours[], now: number): boolean {
  return hours.some(({ from, to, timezone, days }) => {
    const { day, minute } = clock(now, timezone)
    const today = days.includes(weekdays[day]!)
    if (from < to) return today && minute >= from && minute < to
    const yesterday = days.includes(weekdays[(day + 6) % 7]!)
    return (today && minute >= from) || (yesterday && minute < to)
  })
}

export function isTimezone(name: string): boolean {
  try {
    formatter(name)
    return true
  } catch {
    return false
  }
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatter(timeZone: string): Intl.DateTimeFormat {
  let known = formatters.get(timeZone)
  if (!known) {
    const parts = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
    known = new Intl.DateTimeFormat('en-GB', { timeZone, ...parts })
    formatters.set(timeZone, known)
  }
  return known
}

function clock(now: number, timezone: string): { day: number; minute: number } {
  const parts = new Map(
    formatter(timezone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  )
  const day = weekdays.indexOf(parts.get('weekday')!.toLowerCase().slice(0, 3) as Weekday)
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) }
}
