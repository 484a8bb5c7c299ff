import type { Mappings } from '../../mappings/index.ts'
import { normalize } from '../../processors/normalize/normalize.ts'
import type { RawEvent } from '../../schemas/types.ts'
import { type CallStatus, type Coverage, placeOf } from './coverage.ts'

/** How many of the events in some logs are of calls that are compared. */
export interface LogCoverage {
  events: number
  /** Events that change nothing whatever their call, by reason: read-only, failed, no-effect (dry runs), ... */
  passedOver: Record<string, number>
  /** Events of changing calls. */
  totals: Record<LogStatus, number>
  /** Most frequent first. */
  calls: { provider: string; service: string; call: string; status: LogStatus; events: number }[]
}

export type LogStatus = CallStatus | 'unmapped'

export function createLogCoverage(
  mappings: Mappings,
  coverage: Coverage,
): { add(event: RawEvent): void; result(): LogCoverage } {
  const compared = new Set(
    coverage.calls.flatMap(({ provider, service, call, status }) =>
      status === 'compared' ? [`${provider} ${service} ${call}`] : [],
    ),
  )
  const calls = new Map<string, LogCoverage['calls'][number]>()
  const totals = { compared: 0, mapped: 0, noEffect: 0, unmapped: 0 }
  const passedOver: Record<string, number> = {}
  let events = 0

  function statusOf(service: string, call: string): LogStatus {
    const effects = mappings.effects(service, call)
    if (effects === undefined) return 'unmapped'
    if (effects.length === 0) return 'noEffect'
    const place = placeOf(service)
    return compared.has(`${place.provider} ${place.service} ${call}`) ? 'compared' : 'mapped'
  }

  function add(event: RawEvent): void {
    events++
    // A finding of Falco that holds no call is looked up nowhere.
    const outcome = event.provider === 'falco' ? 'signal' : normalize(event)
    if (typeof outcome === 'string' && outcome !== 'unmapped') {
      passedOver[outcome] = (passedOver[outcome] ?? 0) + 1
      return
    }
    const { service, name } = outcome === 'unmapped' ? event : outcome
    const key = `${service} ${name}`
    const status = outcome === 'unmapped' ? outcome : statusOf(service, name)
    const known = calls.get(key) ?? { ...placeOf(service), call: name, status, events: 0 }
    calls.set(key, { ...known, events: known.events + 1 })
    totals[known.status]++
  }

  function result(): LogCoverage {
    const byEvents = [...calls.values()].sort((a, b) => b.events - a.events || (a.call < b.call ? -1 : 1))
    return { events, passedOver, totals, calls: byEvents }
  }

  return { add, result }
}
