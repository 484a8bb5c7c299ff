import { groups } from '../../processors/topology.ts'
import type { Running } from '../../streams/bus.ts'
import { type CountStageOptions, createCountStage } from '../../streams/count-stage.ts'
import { namedSinks } from '../named-sinks.ts'
import type { ServiceContext } from './service-context.ts'

const SWEEP_EVERY_MS = 10 * 60 * 1000

/** The second half of the processor: what rules that look at several events make of the matches that it has counted. */
export function startCounter(
  { config, bus, codecs, tables, topic, group, metrics, onFatal }: ServiceContext,
  ruleOf: CountStageOptions['ruleOf'],
  deadLetter: CountStageOptions['deadLetter'],
): Promise<Running> {
  const stage = createCountStage({
    topic,
    codecs,
    findStatus: tables.findStatus,
    findWindows: tables.findWindows,
    windowsOf: tables.windowsOf,
    ruleOf,
    sinks: namedSinks(config),
    deadLetter,
    info: config.alerts.info,
    metrics,
    now: () => new Date(),
  })
  return bus.process(
    {
      group: group(groups.counter),
      topics: [topic('counted-matches')],
      onAssigned: () => tables.caughtUp(),
      tick: { everyMs: SWEEP_EVERY_MS, handle: ({ partition }) => stage.sweep(partition) },
      onPublished: (records, positions) => tables.wrote(records, positions),
      onFatal,
    },
    (batch) => {
      const lag = batch.high - batch.records.at(-1)!.offset - 1
      metrics.consumerLag.set({ topic: batch.topic, partition: batch.partition }, lag)
      return stage.handle(batch)
    },
  )
}
