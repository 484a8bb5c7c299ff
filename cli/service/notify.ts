import { createDelivery } from '../../connectors/deliver.ts'
import { deliveryKey } from '../../connectors/delivery-key.ts'
import { compileRedaction } from '../../connectors/redact-alert.ts'
import type { DeliveryError, Sink } from '../../connectors/sink.ts'
import { sinkKinds } from '../../connectors/sinks/index.ts'
import { mayHold } from '../../processors/dispatch/policy.ts'
import { createRate } from '../../processors/dispatch/rate.ts'
import { compileRouting } from '../../processors/dispatch/route.ts'
import { groups } from '../../processors/topology.ts'
import type { Alert, Delivery } from '../../schemas/types.ts'
import type { Batch, OutRecord, Running } from '../../streams/bus.ts'
import { deadLetter } from '../../streams/dead-letters.ts'
import { partitionOf } from '../../streams/partitioner.ts'
import { wantsColour } from '../io.ts'
import { createDispatch } from './dispatch.ts'
import { createOutbox } from './outbox.ts'
import { alertReader, mayBeUrgent } from './read-alerts.ts'
import type { RunningRole, ServiceContext } from './service-context.ts'

/** How often it is looked whether what waits in the outbox may go. */
const TICK_MS = 200
/** Most of them are not even decoded. */
const URGENT_BATCH = 5_000

/** The role `notify`: each sink reads the alerts in a group of its own, and in another what has been held for it. */
export async function startSinks(context: ServiceContext): Promise<RunningRole> {
  const sinks: { name: string; sink: Sink; running: Running[] }[] = []
  for (const name of Object.keys(context.config.sinks)) {
    sinks.push({ name, ...(await startSink(name, context)) })
  }
  return {
    problems: () =>
      sinks
        .filter(({ running }) => running.some((one) => !one.healthy()))
        .map(({ name }) => ({ component: `sink:${name}`, reason: 'not joined to its group, or failing' })),
    async stop() {
      await Promise.all(sinks.flatMap(({ running }) => running.map((one) => one.stop())))
      await Promise.all(sinks.map(({ sink }) => sink.close?.()))
    },
  }
}

async function startSink(name: string, context: ServiceContext): Promise<{ sink: Sink; running: Running[] }> {
  const { config, io, bus, codecs, tables, topic, secrets, metrics, log } = context
  const { kind, config: own, dispatch: settings } = config.sinks[name]!
  const { policy } = settings
  const width = io.stdout.columns
  const sink = sinkKinds[kind].create(own, {
    write: (text) => void io.stdout.write(text),
    colour: wantsColour(io, undefined),
    width,
  })
  const { timeoutMs, retry } = own
  const delivery = createDelivery({
    sink,
    name,
    wasDelivered,
    record,
    deadLetter: bury,
    timeoutMs,
    retry,
    redact: compileRedaction(settings.redact, secrets.hashKey),
    log,
    metrics: counts(),
  })
  const sinksOf = compileRouting(config.routing, Object.keys(config.sinks))
  const read = alertReader(context, `sink.${name}`)
  const urgentGroup = context.group(groups.urgent(name))
  // What an earlier configuration has held must go, too, and what it has left to the lane.
  const leftover = (await tables.outboxOf(name)).length > 0 || (await hasCommitted(urgentGroup))
  const hasLane = mayHold(policy) || leftover
  const partition = partitionOf(Buffer.from(name), config.bus.partitions)
  // How much has been sent lately is known to this process only.
  const rate = createRate(policy.limits)
  const shared = { name, policy, delivery, tables, codecs, topic, metrics, partition, rate, now: Date.now }
  const { dispatch, isSending } = createDispatch({ ...shared, holds: hasLane })
  const send = createOutbox({ ...shared, isSending })
  const follow = {
    onAssigned: () => tables.caughtUp(),
    onPublished: tables.wrote,
    onFatal: context.onFatal,
  }
  const ofAlerts = { ...follow, topics: [topic('alerts')] }
  const running = [await bus.process({ ...ofAlerts, group: context.group(groups.sink(name)) }, handle)]
  if (hasLane) {
    // Critical alerts have a lane of their own, or a storm of others would be read before them.
    running.push(await bus.process({ ...ofAlerts, group: urgentGroup, maxBatch: URGENT_BATCH }, handleUrgent))
    const tick = {
      everyMs: TICK_MS,
      handle: (place: { partition: number }, signal: AbortSignal) => send(place.partition, signal),
    }
    const group = context.group(groups.outbox(name))
    running.push(await bus.process({ ...follow, group, topics: [topic('outbox')], tick }, async () => []))
  }
  return { sink, running }

  async function handle({ records }: Batch, signal: AbortSignal): Promise<OutRecord[]> {
    const { alerts, deadLetters } = await read(records)
    const routed = alerts.filter((one) => sinksOf(one.alert).has(name) && !(hasLane && one.isUrgent))
    return [...deadLetters, ...(await dispatch(routed, signal))]
  }

  async function handleUrgent({ records }: Batch, signal: AbortSignal): Promise<OutRecord[]> {
    const { alerts } = await read(records.filter(mayBeUrgent))
    return dispatch(
      alerts.filter((one) => sinksOf(one.alert).has(name) && one.isUrgent),
      signal,
    )
  }

  async function hasCommitted(group: string): Promise<boolean> {
    return (await bus.committed(group, topic('alerts'))).some(({ offset }) => offset !== null)
  }

  async function wasDelivered(keys: readonly string[]): Promise<boolean[]> {
    const known = await tables.findDeliveries([...keys])
    // What was given up may be redriven.
    return known.map((one) => one?.outcome === 'delivered')
  }

  async function record(deliveries: readonly Delivery[]): Promise<void> {
    const records = deliveries.map((one) => ({
      topic: topic('deliveries'),
      key: Buffer.from(deliveryKey(one.sink, one.alertId, one.status)),
      value: codecs.delivery.encode(one),
    }))
    await tables.wrote(records, await bus.publish(records))
  }

  async function bury(alert: Alert, error: DeliveryError, attempts: number): Promise<void> {
    const value = codecs.alert.encode(alert)
    const place = {
      topic: topic('alerts'),
      partition: null,
      offset: null,
      timestamp: Date.now(),
      headers: {},
    }
    const about = {
      stage: `sink.${name}`,
      code: 'undeliverable',
      message: error.message,
      attempts,
      origin: alert.id,
    }
    const key = Buffer.from(alert.driftId)
    await bus.publish([
      deadLetter({ ...place, ...about, key, value }, topic('dead-letters'), secrets.deadLetterKey),
    ])
    metrics.deadLettersTotal.inc({ stage: `sink.${name}`, code: 'undeliverable' })
  }

  function counts() {
    return {
      handed: (result: 'delivered' | 'failed' | 'dead-lettered', alerts: number) =>
        metrics.sinkDeliveriesTotal.inc({ sink: name, result }, alerts),
      paused: (waits: boolean) => metrics.sinkPaused.set({ sink: name }, waits ? 1 : 0),
    }
  }
}
