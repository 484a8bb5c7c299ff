import { createDelivery } from '../../connectors/deliver.ts'
import { deliveryKey } from '../../connectors/delivery-key.ts'
import type { DeliveryError, Sink } from '../../connectors/sink.ts'
import { sinkKinds } from '../../connectors/sinks/index.ts'
import { recipientsOf } from '../../processors/channels.ts'
import { groups } from '../../processors/topology.ts'
import type { Alert, Delivery } from '../../schemas/types.ts'
import type { Batch, InRecord, OutRecord, Running } from '../../streams/bus.ts'
import { deadLetter } from '../../streams/dead-letters.ts'
import { wantsColour } from '../io.ts'
import { safeMessage } from '../log.ts'
import type { RunningRole, ServiceContext } from './service-context.ts'

/** The role `notify`: each sink reads the alerts in a group of its own. */
export async function startSinks(context: ServiceContext): Promise<RunningRole> {
  const sinks: { name: string; sink: Sink; running: Running }[] = []
  for (const name of Object.keys(context.config.sinks)) {
    sinks.push({ name, ...(await startSink(name, context)) })
  }
  return {
    problems: () =>
      sinks
        .filter(({ running }) => !running.healthy())
        .map(({ name }) => ({ component: `sink:${name}`, reason: 'not joined to its group, or failing' })),
    async stop() {
      await Promise.all(sinks.map(({ running }) => running.stop()))
      await Promise.all(sinks.map(({ sink }) => sink.close?.()))
    },
  }
}

async function startSink(name: string, context: ServiceContext): Promise<{ sink: Sink; running: Running }> {
  const { config, io, bus, codecs, tables, topic, secrets, metrics, log } = context
  const { kind, config: own } = config.sinks[name]!
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
    log,
    metrics: counts(),
  })
  const running = await bus.process(
    {
      group: context.group(groups.sink(name)),
      topics: [topic('alerts')],
      onAssigned: () => tables.caughtUp(),
      onFatal: context.onFatal,
    },
    handle,
  )
  return { sink, running }

  async function handle({ records }: Batch, signal: AbortSignal): Promise<OutRecord[]> {
    const { alerts, deadLetters } = await decode(records)
    await delivery.deliver(alerts.filter(isForThisSink), signal)
    return deadLetters
  }

  async function decode(
    records: readonly InRecord[],
  ): Promise<{ alerts: Alert[]; deadLetters: OutRecord[] }> {
    const alerts: Alert[] = []
    const deadLetters: OutRecord[] = []
    for (const record of records) {
      if (!record.value) continue
      try {
        alerts.push(await codecs.alert.decode(record.value))
      } catch (error) {
        if ((error as Error).name !== 'DecodeError') throw error
        const about = {
          stage: `sink.${name}`,
          code: 'not-an-alert',
          message: safeMessage(error as Error),
          attempts: 1,
        }
        const origin = `${record.topic}/${record.partition}/${record.offset}`
        deadLetters.push(
          deadLetter({ ...record, ...about, origin }, topic('dead-letters'), secrets.deadLetterKey),
        )
      }
    }
    return { alerts, deadLetters }
  }

  function isForThisSink({ channels }: Alert): boolean {
    return recipientsOf(channels, config).includes(name)
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
