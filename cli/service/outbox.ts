import type { AlertDelivery } from '../../connectors/deliver.ts'
import { type Message, type Plan, plan } from '../../processors/dispatch/plan.ts'
import type { SinkPolicy } from '../../processors/dispatch/policy.ts'
import type { Rate } from '../../processors/dispatch/rate.ts'
import type { HeldAlert } from '../../schemas/types.ts'
import type { OutRecord } from '../../streams/bus.ts'
import type { ServiceContext } from './service-context.ts'

export interface OutboxOptions extends Pick<ServiceContext, 'tables' | 'codecs' | 'topic' | 'metrics'> {
  /** The sink's name. */
  name: string
  policy: SinkPolicy
  delivery: AlertDelivery
  partition: number
  rate: Rate
  /** Whether something is being sent at once. */
  isSending: () => boolean
  now: () => number
}

/** So long is sent by one plan: what has come meanwhile may be more urgent. */
const TURN_MS = 1_000
/** Reading what waits may take no more than a part of the time. */
const REST = 3
/** Of a group, so many are looked at for one message. */
const LOOKED_AT = 1_000

interface Waiting extends HeldAlert {
  key: string
}

/**
 * Sends what waits for a sink, as it becomes due, and returns what takes it from the outbox: a crash before that finds
 * the record in deliveries, and sends nothing again.
 */
export function createOutbox(options: OutboxOptions) {
  const { name, policy, delivery, tables, codecs, metrics, rate, now } = options
  let seen: number | null = null
  let lookAt = 0
  let restUntil = 0

  return async function send(partition: number, signal: AbortSignal): Promise<OutRecord[][]> {
    const revision = tables.outboxRevision()
    const began = now()
    if (partition !== options.partition || began < restUntil || options.isSending()) return []
    if (revision === seen && began < lookAt) return []
    const rows = await tables.outboxOf(name)
    const held = rows.map(({ key, value }): Waiting => ({ ...value, key }))
    const due = plan(held, policy, now(), (severity) => rate.room(severity, now()))
    restUntil = began + REST * (now() - began)
    seen = revision
    const { gone, again } = await sendDue(due, signal)
    lookAt = again
    metrics.sinkHeld.set({ sink: name }, rows.length - gone.length)
    const graves = gone.map((key) => ({
      topic: options.topic('outbox'),
      partition: options.partition,
      key: Buffer.from(key),
      value: null,
    }))
    return graves.length > 0 ? [graves] : []
  }

  /** Sends what the limits allow; `again`: when there is more to do. */
  async function sendDue({ messages, lookAt }: Plan<Waiting>, signal: AbortSignal) {
    const gone: string[] = []
    const end = now() + TURN_MS
    let again = lookAt
    for (const message of messages) {
      for (let at = 0; at < message.held.length; ) {
        if (now() >= end || options.isSending()) return { gone, again: 0 }
        if (!message.urgent && rate.room(message.severity, now()) < 1) {
          again = Math.min(again, rate.roomAt(message.severity, now()))
          break
        }
        const sent = await sendFirst(message, at, signal)
        if (!message.urgent) rate.spent(message.severity, now())
        metrics.sinkDispatchedTotal.inc({ sink: name, how: message.kind }, sent)
        gone.push(...message.held.slice(at, at + sent).map(({ key }) => key))
        at += sent
      }
    }
    return { gone, again }
  }

  /** Sends one message, from a place in what is to be sent together; returns how many alerts it held. */
  async function sendFirst(
    { kind, held }: Message<Waiting>,
    at: number,
    signal: AbortSignal,
  ): Promise<number> {
    const size = kind === 'alone' ? 1 : LOOKED_AT
    const given = held.slice(at, at + size)
    const alerts = await Promise.all(given.map(({ alert }) => codecs.alert.decode(alert)))
    if (kind !== 'alone') {
      const others = held.length - at - given.length
      return delivery.deliverGroup({ kind, since: given[0]!.since, alerts, others }, signal)
    }
    await delivery.deliver(alerts, signal)
    return 1
  }
}
