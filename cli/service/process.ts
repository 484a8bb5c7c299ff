import { compileFilters } from '../../processors/filters.ts'
import { createMatcher } from '../../processors/match.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import { groups } from '../../processors/topology.ts'
import type { InRecord, OutRecord } from '../../streams/bus.ts'
import { deadLetter } from '../../streams/dead-letters.ts'
import { createStage } from '../../streams/stage.ts'
import { createContext } from '../context.ts'
import { safeMessage } from '../log.ts'
import { readRules } from '../read-rules.ts'
import type { RunningRole, ServiceContext } from './service-context.ts'

/** The role `process`: raw events in, diffs, matches, alerts and alert-status out. */
export async function startProcessor(context: ServiceContext): Promise<RunningRole> {
  const { config, bus, codecs, tables, topic, secrets, metrics, log } = context
  const pipeline = createPipeline({
    context: createContext({ hashKey: secrets.hashKey, unmanagedAny: config.alerts.unmanaged === 'any' }),
    matcher: createMatcher(readRules({ shipped: config.shippedRules, folders: config.rules }), {
      severities: config.alerts.severity,
    }),
    admits: compileFilters(config.filters),
  })
  const stage = createStage({
    pipeline,
    topic,
    codecs,
    findRows: (keys) => tables.findRows(keys),
    findStatus: (driftIds) => tables.findStatus(driftIds),
    deadLetter: letter,
    info: config.alerts.info,
    metrics,
    now: () => new Date(),
  })
  const running = await bus.process(
    {
      group: context.group(groups.processor),
      topics: [topic('raw-events')],
      onAssigned: () => tables.caughtUp(),
      onPublished: (records, positions) => tables.wrote(records, positions),
      onFatal: context.onFatal,
    },
    async (batch) => {
      const lag = batch.high - batch.records.at(-1)!.offset - 1
      metrics.consumerLag.set({ topic: batch.topic, partition: batch.partition }, lag)
      return stage(batch)
    },
  )

  function letter(record: InRecord, error: Error): OutRecord {
    metrics.deadLettersTotal.inc({ stage: 'process', code: error.name })
    const message = safeMessage(error)
    const origin = `${record.topic}/${record.partition}/${record.offset}`
    log.warn({ origin, error: message }, 'a dead letter')
    const about = { stage: 'process', code: error.name, message, attempts: 1, origin }
    return deadLetter({ ...record, ...about }, topic('dead-letters'), secrets.deadLetterKey)
  }

  return {
    problems: () =>
      running.healthy()
        ? []
        : [{ component: 'processor', reason: 'not joined to its group, or failing; the log says why' }],
    stop: () => running.stop(),
  }
}
