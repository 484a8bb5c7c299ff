import { compileFilters } from '../../processors/filters.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import type { TypeIndex } from '../../processors/rules/rule-index.ts'
import { terraformsOwn } from '../../processors/terraforms-own.ts'
import { groups } from '../../processors/topology.ts'
import { rawEventHeaders } from '../../schemas/headers.ts'
import { pendingChangeKey } from '../../schemas/pending-change-key.ts'
import { rawEventKey } from '../../schemas/raw-event-key.ts'
import type { Actor, PendingChange } from '../../schemas/types.ts'
import type { InRecord, OutRecord } from '../../streams/bus.ts'
import { createCache } from '../../streams/cache.ts'
import { type DeadLetter, deadLetter } from '../../streams/dead-letters.ts'
import { createLife } from '../../streams/life.ts'
import { createSettling } from '../../streams/settle.ts'
import { createStage } from '../../streams/stage.ts'
import { createContext } from '../context.ts'
import { judgementFiles } from '../judgement.ts'
import { safeMessage } from '../log.ts'
import { namedSinks } from '../named-sinks.ts'
import { cacheMetrics, limitsOf } from './cache-metrics.ts'
import { startCounter } from './count.ts'
import { DRIFT_BUCKETS } from './drift-names.ts'
import { startLiveJudgement } from './live-judgement.ts'
import type { RunningRole, ServiceContext } from './service-context.ts'

type Sealable = Omit<DeadLetter, 'stage' | 'code' | 'message' | 'attempts' | 'origin'>

/** How often it is looked whether Terraform's own calls have waited long enough. */
const LONGEST_TICK_MS = 1_000
const SHORTEST_TICK_MS = 50

/** Types of resources whose rules are kept: more than the mappings have. */
const MOST_TYPES = 5_000

/** The role `process`: raw events in, diffs, matches, alerts and alert-status out. */
export async function startProcessor(context: ServiceContext): Promise<RunningRole> {
  const { config, bus, codecs, tables, topic, secrets, metrics, log } = context
  const identities = createCache<Actor>(limitsOf(config.caches.identities))
  const rulesByType = createCache<TypeIndex>({ max: MOST_TYPES, ttlMs: config.caches.rules.ttl })
  const judgement = await startLiveJudgement({
    files: judgementFiles({ shipped: config.shippedRules, folders: config.rules, ignore: config.ignore }),
    matching: {
      severities: config.alerts.severity,
      sinks: namedSinks(config),
      runbooks: config.runbooks,
      byType: rulesByType,
    },
    forget() {
      for (const type of rulesByType.keys()) rulesByType.delete(type)
    },
    everyMs: config.rulesReload,
    metrics,
    log,
  })
  const offHangup = context.io.onHangup?.(() => void judgement.look())
  const { matcher, ignoring } = judgement
  const unmanagedAny = config.alerts.unmanaged === 'any'
  const pipeline = createPipeline({
    context: { ...createContext({ hashKey: secrets.hashKey, unmanagedAny }), ignoring },
    matcher,
    admits: compileFilters(config.filters),
    isTerraforms: terraformsOwn(config.terraform.principals),
    ownerTags: config.alerts.ownerTags,
    identities,
  })
  const shared = {
    pipeline,
    topic,
    codecs,
    findRows: tables.findRows,
    findDependents: tables.findDependents,
    findStatus: tables.findStatus,
    info: config.alerts.info,
    metrics,
    now: () => new Date(),
  }
  const stage = createStage({ ...shared, findPending: tables.findPending, deadLetter: letter })
  const { settle: settleMs, longestApply: longestApplyMs } = config.terraform
  const settle = createSettling({
    ...shared,
    pendingOf: tables.pendingOf,
    stateRevision: tables.stateRevision,
    lockedStates: tables.lockedStates,
    patience: { settleMs, longestApplyMs },
    deadLetter: pendingLetter,
  })
  const live = createLife({
    ...shared,
    openDrifts: tables.openDrifts,
    buckets: DRIFT_BUCKETS,
    suppressedDrifts: tables.suppressedDrifts,
    stateRevision: tables.stateRevision,
    expireAfterMs: config.alerts.expireAfter,
  })
  const processor = bus.process(
    {
      group: context.group(groups.processor),
      topics: [topic('raw-events')],
      onAssigned: () => tables.caughtUp(),
      tick: {
        everyMs: Math.max(SHORTEST_TICK_MS, Math.min(LONGEST_TICK_MS, settleMs / 10)),
        async handle({ partition }) {
          const settled = await settle(partition)
          // What these have made of a drift is to be seen by the other.
          return settled.length > 0 ? settled : live(partition)
        },
      },
      onPublished: (records, positions) => tables.wrote(records, positions),
      onFatal: context.onFatal,
    },
    async (batch) => {
      const lag = batch.high - batch.records.at(-1)!.offset - 1
      metrics.consumerLag.set({ topic: batch.topic, partition: batch.partition }, lag)
      return stage(batch)
    },
  )
  const [running, counter] = await Promise.all([processor, startCounter(context, judgement.ruleOf, letter)])

  function letter(record: InRecord, error: Error): OutRecord {
    return sealed(record, error, `${record.topic}/${record.partition}/${record.offset}`)
  }

  function sealed(record: Sealable, error: Error, origin: string): OutRecord {
    metrics.deadLettersTotal.inc({ stage: 'process', code: error.name })
    const message = safeMessage(error)
    log.warn({ origin, error: message }, 'a dead letter')
    const about = { stage: 'process', code: error.name, message, attempts: 1, origin }
    return deadLetter({ ...record, ...about }, topic('dead-letters'), secrets.deadLetterKey)
  }

  function pendingLetter({ partition, event }: PendingChange, error: Error): OutRecord {
    const place = { topic: topic('raw-events'), partition, offset: null, timestamp: event.receivedAt }
    const key = Buffer.from(rawEventKey(event))
    const record = { ...place, key, value: codecs.rawEvent.encode(event), headers: rawEventHeaders(event) }
    return sealed(record, error, `${topic('pending-changes')}/${pendingChangeKey(event)}`)
  }

  return {
    problems: () =>
      Object.entries({ processor: running, counter })
        .filter(([, one]) => !one.healthy())
        .map(([component]) => ({
          component,
          reason: 'not joined to its group, or failing; the log says why',
        })),
    warnings: judgement.warnings,
    observe: cacheMetrics(metrics, { rules: rulesByType, identities }),
    async stop() {
      offHangup?.()
      judgement.stop()
      await running.stop()
      await counter.stop()
    },
  }
}
