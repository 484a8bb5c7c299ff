import type { Alert, AlertState, Delivery } from '../schemas/types.ts'
import { type AlertJson, alertJson } from './alert-json.ts'
import { deliveryKey } from './delivery-key.ts'
import { type RetryPolicy, withRetries } from './retry.ts'
import { type AlertGroup, DeliveryError, type Sink } from './sink.ts'
import type { Logger } from './source.ts'
import { timeLimit } from './time-limit.ts'

/**
 * For how long an attempt that is under way when delivery is to end may still be answered: what the peer has accepted
 * but nobody has recorded would be delivered again.
 */
const GRACE_MS = 10_000

export interface DeliveryOptions {
  sink: Sink
  /** The sink's configured name: part of every delivery key. */
  name: string
  /** One answer a key, in their order. Must know everything that record() has stored. */
  wasDelivered(keys: readonly string[]): Promise<boolean[]>
  /** Resolves when the log holds them. */
  record(deliveries: readonly Delivery[]): Promise<void>
  /** Resolves when the dead letter is stored. */
  deadLetter(alert: Alert, error: DeliveryError, attempts: number): Promise<void>
  /** For one attempt. */
  timeoutMs: number
  retry: RetryPolicy
  /** What the sink may see of an alert. Default: all. */
  redact?: (alert: AlertJson) => AlertJson
  log: Logger
  metrics?: DeliveryMetrics
}

export interface DeliveryMetrics {
  /** Alerts handed to the sink in one attempt, or given up, by what came of it. */
  handed(result: 'delivered' | 'failed' | 'dead-lettered', alerts: number): void
  /** True while the sink waits before it tries again. */
  paused(waits: boolean): void
}

export interface AlertDelivery {
  /**
   * Resolves when each alert has been delivered, now or before, or is a dead letter. When the signal aborts, no further
   * attempt begins, and it throws when those under way have been answered and recorded. It throws, too, when a record
   * or a dead letter could not be stored. The batch must be handed over again then, and what had been recorded is
   * skipped. A crash repeats at most the chunks in flight, under the same idempotency ids.
   */
  deliver(alerts: readonly Alert[], signal: AbortSignal): Promise<void>
  /**
   * The same, as one message where the sink has such: of the first of them, as many as fit in it. Returns how many have
   * been delivered or given up, from the first. A peer that refuses the message for good is given its alerts singly.
   */
  deliverGroup(group: WaitingGroup, signal: AbortSignal): Promise<number>
  /** Those that have not been delivered, each announcement once. */
  undelivered(alerts: readonly Alert[]): Promise<Alert[]>
}

/** `others`: how many belong to it and are not given, because they are too many. */
export type WaitingGroup = Omit<AlertGroup, 'alerts'> & { alerts: readonly Alert[] }

/** Delivers alerts through one sink, in order, each (id, status) once. Knows nothing of where the alerts come from. */
export function createDelivery(options: DeliveryOptions): AlertDelivery {
  const { sink, name, log, metrics } = options

  async function deliver(alerts: readonly Alert[], signal: AbortSignal): Promise<void> {
    const pending = await undelivered(alerts)
    const results = await Promise.allSettled(
      lanes(pending, sink.parallel ?? 1).map((lane) => deliverInOrder(lane, signal)),
    )
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }

  async function deliverInOrder(lane: readonly Alert[], signal: AbortSignal): Promise<void> {
    for (let start = 0; start < lane.length; start += sink.batchSize) {
      await send(lane.slice(start, start + sink.batchSize), signal)
    }
  }

  async function deliverGroup({ alerts, ...about }: WaitingGroup, signal: AbortSignal): Promise<number> {
    const { group } = sink
    const size =
      group && areShowable(alerts) ? Math.max(1, group.fits({ ...about, alerts: alerts.map(toJson) })) : 1
    const pending = await undelivered(alerts.slice(0, size))
    if (!group || pending.length < 2) await deliver(pending, signal)
    else {
      const others = about.others + alerts.length - size
      const message = { ...about, alerts: pending.map(toJson), others }
      await send(pending, signal, (limit) => group.deliver(message, limit))
    }
    return Math.min(size, alerts.length)
  }

  async function undelivered(given: readonly Alert[]): Promise<Alert[]> {
    const alerts = firstOfEach(given)
    const announcements = alerts.flatMap((alert) =>
      twins(alert.status).map((status) => ({ alert, key: deliveryKey(name, alert.id, status) })),
    )
    if (announcements.length === 0) return []
    const answers = await options.wasDelivered(announcements.map(({ key }) => key))
    const done = new Set(announcements.filter((_, index) => answers[index]).map(({ alert }) => alert))
    return alerts.filter((alert) => !done.has(alert))
  }

  async function send(
    chunk: readonly Alert[],
    signal: AbortSignal,
    how: (limit: AbortSignal) => Promise<void> = (limit) => sink.deliver(chunk.map(toJson), limit),
  ): Promise<void> {
    const attempt = () => timeLimit(options.timeoutMs, signal, how, GRACE_MS)
    const { error, attempts } = await withRetries(options.retry, signal, attempt, {
      failed(failure, made, waitMs) {
        const fields = { sink: name, alerts: chunk.length, attempts: made, waitMs: Math.round(waitMs) }
        log.warn({ ...fields, error: failure.message }, 'delivery failed; trying again')
        metrics?.handed('failed', chunk.length)
        metrics?.paused(true)
      },
      resumed: () => metrics?.paused(false),
    })
    if (!error) return conclude(chunk, 'delivered', attempts)
    // A peer that refuses a batch for good may mean one alert of it: the others must not share its fate.
    if (chunk.length > 1 && !error.retryable) {
      for (const alert of chunk) await send([alert], signal)
      return
    }
    for (const alert of chunk) await options.deadLetter(alert, error, attempts)
    await conclude(chunk, 'dead-lettered', attempts)
    const fields = { sink: name, alerts: chunk.map((alert) => alert.id), attempts, error: error.message }
    log.error(fields, 'delivery given up; the alerts are dead letters')
  }

  async function conclude(chunk: readonly Alert[], outcome: Delivery['outcome'], attempts: number) {
    metrics?.handed(outcome, chunk.length)
    const at = Date.now()
    await options.record(
      chunk.map(({ id, status }) => ({ sink: name, alertId: id, status, outcome, attempts, at })),
    )
  }

  /** One that is not would keep the others from going: singly it becomes a dead letter. */
  function areShowable(alerts: readonly Alert[]): boolean {
    try {
      return alerts.map(toJson).length > 1
    } catch {
      return false
    }
  }

  function toJson(alert: Alert): AlertJson {
    const shown = plainJson(alert)
    return options.redact ? options.redact(shown) : shown
  }

  return { deliver, deliverGroup, undelivered }
}

/** Spreads alerts over lanes, those of one drift into the same. */
function lanes(alerts: readonly Alert[], count: number): Alert[][] {
  const result: Alert[][] = Array.from({ length: count }, () => [])
  for (const alert of alerts) result[Number.parseInt(alert.driftId.slice(0, 8), 16) % count || 0]!.push(alert)
  return result
}

/** An alert is announced as open or as changed, and a replay may choose the other one: they are one announcement. */
function twins(status: AlertState): AlertState[] {
  return status === 'open' || status === 'changed' ? ['open', 'changed'] : [status]
}

function firstOfEach(alerts: readonly Alert[]): Alert[] {
  const first = new Map<string, Alert>()
  for (const alert of alerts) {
    const announcement = `${alert.id}|${twins(alert.status)[0]}`
    if (!first.has(announcement)) first.set(announcement, alert)
  }
  return [...first.values()]
}

function plainJson(alert: Alert): AlertJson {
  try {
    return alertJson(alert)
  } catch {
    throw new DeliveryError('not an alert: a value of its diffs is not JSON', { retryable: false })
  }
}
