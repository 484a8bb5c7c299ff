import type { AlertDelivery } from '../../connectors/deliver.ts'
import { deliveryKey } from '../../connectors/delivery-key.ts'
import { byUrgency } from '../../processors/dispatch/by-urgency.ts'
import { causeOf } from '../../processors/dispatch/cause.ts'
import { decide } from '../../processors/dispatch/decide.ts'
import type { SinkPolicy } from '../../processors/dispatch/policy.ts'
import type { Rate } from '../../processors/dispatch/rate.ts'
import type { Alert, HeldAlert } from '../../schemas/types.ts'
import type { OutRecord } from '../../streams/bus.ts'
import type { ServiceContext } from './service-context.ts'

/** An alert that has been routed to the sink. */
export interface Routed {
  alert: Alert
  /** Its offset and its bytes, in alerts. */
  place: number
  value: Buffer
}

export interface DispatchOptions extends Pick<ServiceContext, 'tables' | 'codecs' | 'topic' | 'metrics'> {
  /** The sink's name. */
  name: string
  policy: SinkPolicy
  delivery: AlertDelivery
  /** Of the outbox: what waits for this sink stands there, so that one process sends it. */
  partition: number
  /** What the outbox goes by. */
  rate: Rate
  /** Whether anything may be waiting. */
  holds: boolean
  now: () => number
}

/**
 * Delivers what a sink is to have at once, and returns the records of what waits in the outbox: it is stored there with
 * the commit, so that nothing is lost and nothing behind it has to wait.
 */
export function createDispatch(options: DispatchOptions) {
  const { name, policy, delivery, tables, codecs, metrics, rate } = options
  let sending = 0

  async function dispatch(routed: readonly Routed[], signal: AbortSignal): Promise<OutRecord[]> {
    const rows = options.holds ? await heldRows(routed) : []
    const waiting = new Set(rows.map(({ alertId, status }) => announcement(alertId, status)))
    /** By drift, when the last that waits began to. */
    const since = new Map<string, number>()
    for (const row of rows) since.set(row.driftId, Math.max(row.since, since.get(row.driftId) ?? 0))

    const atOnce: Alert[] = []
    const held: (Routed & { since: number })[] = []
    for (const one of routed) {
      const { alert } = one
      if (waiting.has(announcement(alert.id, alert.status))) continue
      const before = since.get(alert.driftId)
      const decision = decide(alert, policy, before !== undefined)
      if (decision === 'left-out') count('left-out', 1)
      if (decision === 'now') atOnce.push(alert)
      if (decision !== 'hold') continue
      const at = Math.max(options.now(), before ?? 0)
      since.set(alert.driftId, at)
      held.push({ ...one, since: at })
    }
    await deliverNow(atOnce, signal)
    const news = new Set(await delivery.undelivered(held.map(({ alert }) => alert)))
    const records = held.filter(({ alert }) => news.has(alert)).map(toRecord)
    count('held', records.length)
    return records
  }

  async function deliverNow(alerts: readonly Alert[], signal: AbortSignal): Promise<void> {
    if (alerts.length === 0) return
    sending++
    try {
      await delivery.deliver(byUrgency(alerts), signal)
    } finally {
      sending--
    }
    for (const { severity } of alerts) rate.spent(severity, options.now())
    count('now', alerts.length)
  }

  async function heldRows(routed: readonly Routed[]): Promise<HeldAlert[]> {
    const drifts = [...new Set(routed.map(({ alert }) => alert.driftId))]
    return (await tables.heldOf(name, drifts)).flat().map(({ value }) => value)
  }

  function toRecord({ alert, place, value, since }: Routed & { since: number }): OutRecord {
    const { id: alertId, driftId, status, severity } = alert
    const about = { sink: name, alertId, driftId, status, severity, cause: causeOf(alert), since, place }
    return {
      topic: options.topic('outbox'),
      partition: options.partition,
      key: Buffer.from(deliveryKey(name, alertId, status)),
      value: codecs.heldAlert.encode({ ...about, alert: value }),
    }
  }

  function count(how: 'now' | 'held' | 'left-out', alerts: number): void {
    if (alerts > 0) metrics.sinkDispatchedTotal.inc({ sink: name, how }, alerts)
  }

  /** `isSending`: what waits had better wait on, or what comes next at once has to wait for it. */
  return { dispatch, isSending: () => sending > 0 }
}

/** As in deliveries, open and changed are one. */
function announcement(alertId: string, status: Alert['status']): string {
  return `${alertId}|${status === 'changed' ? 'open' : status}`
}
