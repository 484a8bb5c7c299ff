import { compileFilters } from '../../processors/filters.ts'
import { createMatcher } from '../../processors/match.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import { createStateIndex } from '../../processors/state-index.ts'
import { terraformsOwn } from '../../processors/terraforms-own.ts'
import { groups } from '../../processors/topology.ts'
import { createCodec } from '../../schemas/codec.ts'
import type { Alert, AlertState } from '../../schemas/types.ts'
import type { OffsetReset } from '../../streams/bus.ts'
import { resolveSecrets } from '../config/secrets.ts'
import { createContext } from '../context.ts'
import { createCollector } from '../detect/collect-findings.ts'
import { readRules } from '../read-rules.ts'
import { topicNamer } from '../service/topic-configs.ts'
import type { Operation, OperationContext } from './operation.ts'
import { readTopic } from './read-topic.ts'
import { foldState } from './state.ts'

/** Moves the processor to an earlier (or later) place: what follows is processed again, under the same alert ids. */
export const replay: Operation<{ from: OffsetReset }> = async ({ config, bus }, { from }, emit) => {
  const full = topicNamer(config.bus)
  const group = `${config.bus.topicPrefix}${groups.processor}`
  await bus.resetOffsets(group, full('raw-events'), from)
  emit({ group, topic: full('raw-events'), offsets: await bus.committed(group, full('raw-events')) })
}

/** The event times between which a rehearsal looks, in epoch milliseconds. */
export interface RehearsalRange {
  from?: number
  to?: number
}

/** What processing the retained events now would say, against what was said: alerts new, gone and changed. */
export const rehearse: Operation<RehearsalRange> = async (context, range, emit) => {
  const would = await wouldBe(context, range)
  const said = await published(context, range)
  const info = context.config.alerts.info
  for (const [id, alert] of would) {
    const before = said.get(id)
    if (!before && (alert.severity !== 'info' || info)) emit({ change: 'new', ...summary(alert) })
    else if (before && verdict(before) !== verdict(alert)) emit({ change: 'changed', ...summary(alert) })
  }
  for (const [id, alert] of said) if (!would.has(id)) emit({ change: 'gone', ...summary(alert) })
}

async function wouldBe(context: OperationContext, range: RehearsalRange): Promise<Map<string, Alert>> {
  const { config, bus, ids } = context
  const topic = topicNamer(config.bus)('raw-events')
  const { hashKey } = resolveSecrets(config)
  const detection = createContext({ hashKey, unmanagedAny: config.alerts.unmanaged === 'any' })
  const pipeline = createPipeline({
    context: detection,
    matcher: createMatcher(readRules({ shipped: config.shippedRules, folders: config.rules }), {
      severities: config.alerts.severity,
    }),
    admits: compileFilters(config.filters),
    isTerraforms: terraformsOwn(config.terraform.principals),
    ownerTags: config.alerts.ownerTags,
  })
  const states = createStateIndex(detection.mappings)
  for (const row of await foldState(context)) states.add(row)
  const collector = createCollector(pipeline, states)
  const codec = await createCodec('raw-event', topic, ids)
  await readTopic(bus, topic, async ({ value }) => {
    const event = value && (await codec.decode(value).catch(() => null))
    if (event && within(event.time, range)) collector.add(event)
  })
  return new Map(collector.alerts(new Date()).map((alert) => [alert.id, alert]))
}

async function published(
  { config, bus, ids }: OperationContext,
  range: RehearsalRange,
): Promise<Map<string, Alert>> {
  const topic = topicNamer(config.bus)('alerts')
  const codec = await createCodec('alert', topic, ids)
  const alerts = new Map<string, Alert>()
  const announcements = new Set<AlertState>(['open', 'changed'])
  await readTopic(bus, topic, async ({ value }) => {
    const alert = value && (await codec.decode(value).catch(() => null))
    if (alert && announcements.has(alert.status) && within(Date.parse(alert.sourceEvent.time), range)) {
      alerts.set(alert.id, alert)
    }
  })
  return alerts
}

function within(time: number, { from, to }: RehearsalRange): boolean {
  return (from === undefined || time >= from) && (to === undefined || time < to)
}

function verdict({ type, severity, diffs, matchedRules }: Alert): string {
  return JSON.stringify([type, severity, diffs, matchedRules])
}

function summary({ id, type, severity, message, sourceEvent }: Alert): object {
  return { id, type, severity, message, event: sourceEvent.id, time: sourceEvent.time }
}
