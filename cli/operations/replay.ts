import { groups } from '../../processors/topology.ts'
import { createCodec } from '../../schemas/codec.ts'
import type { Alert, AlertState } from '../../schemas/types.ts'
import type { OffsetReset } from '../../streams/bus.ts'
import { topicNamer } from '../service/topic-configs.ts'
import type { Operation, OperationContext } from './operation.ts'
import { readTopic } from './read-topic.ts'
import { configuredJudgement, matcherOf, type RehearsalRange, retell, within } from './retell.ts'

/** Moves the processor to an earlier (or later) place: what follows is processed again, under the same alert ids. */
export const replay: Operation<{ from: OffsetReset }> = async ({ config, bus }, { from }, emit) => {
  const full = topicNamer(config.bus)
  const group = `${config.bus.topicPrefix}${groups.processor}`
  await bus.resetOffsets(group, full('raw-events'), from)
  emit({ group, topic: full('raw-events'), offsets: await bus.committed(group, full('raw-events')) })
}

/** What processing the retained events now would say, against what was said: alerts new, gone and changed. */
export const rehearse: Operation<RehearsalRange> = async (context, range, emit) => {
  const { rules, ignores } = configuredJudgement(context.config)
  const matcher = matcherOf(rules, context.config)
  const alerts = await retell(context, range, { matcher, ignores })
  const would = new Map(alerts.map((alert) => [alert.id, alert]))
  const said = await published(context, range)
  const info = context.config.alerts.info
  for (const [id, alert] of would) {
    const before = said.get(id)
    if (!before && (alert.severity !== 'info' || info)) emit({ change: 'new', ...summary(alert) })
    else if (before && verdict(before) !== verdict(alert)) emit({ change: 'changed', ...summary(alert) })
  }
  for (const [id, alert] of said) if (!would.has(id)) emit({ change: 'gone', ...summary(alert) })
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

function verdict({ type, severity, diffs, matchedRules }: Alert): string {
  return JSON.stringify([type, severity, diffs, matchedRules])
}

function summary({ id, type, severity, message, sourceEvent }: Alert): object {
  return { id, type, severity, message, event: sourceEvent.id, time: sourceEvent.time }
}
