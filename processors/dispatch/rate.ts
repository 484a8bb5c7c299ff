import type { Severity } from '../../schemas/types.ts'
import type { Limit, SinkPolicy } from './policy.ts'

/** How many messages a sink may be sent: at most `count` in any time of `perMs`, for each limit that it has. */
export interface Rate {
  /** How many more of this severity, now. Critical ones are never refused, and take the place of others. */
  room(severity: Severity, now: number): number
  spent(severity: Severity, now: number): void
  /** When there is room for one again. */
  roomAt(severity: Severity, now: number): number
}

export function createRate(limits: SinkPolicy['limits']): Rate {
  const windows = Object.entries(limits).map(([name, limit]) => ({ name, limit, sent: [] as number[] }))

  const counting = (severity: Severity) => windows.filter(({ name }) => name === 'all' || name === severity)
  const concerning = (severity: Severity) => (severity === 'critical' ? [] : counting(severity))

  function current(window: { limit: Limit; sent: number[] }, now: number): number[] {
    while (window.sent.length > 0 && window.sent[0]! <= now - window.limit.perMs) window.sent.shift()
    return window.sent
  }

  return {
    room: (severity, now) =>
      Math.min(
        Number.POSITIVE_INFINITY,
        ...concerning(severity).map((one) => Math.max(0, one.limit.count - current(one, now).length)),
      ),
    spent(severity, now) {
      for (const window of counting(severity)) current(window, now).push(now)
    },
    roomAt: (severity, now) =>
      Math.max(
        now,
        ...concerning(severity).map((one) => {
          const sent = current(one, now)
          return sent.length < one.limit.count ? now : sent[sent.length - one.limit.count]! + one.limit.perMs
        }),
      ),
  }
}
