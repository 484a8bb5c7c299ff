import { compileFilters } from '../../processors/filters.ts'
import { createMatcher, type Matcher } from '../../processors/match.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import type { Rule } from '../../processors/rules/schema.ts'
import { createStateIndex } from '../../processors/state-index.ts'
import { terraformsOwn } from '../../processors/terraforms-own.ts'
import { createCodec } from '../../schemas/codec.ts'
import type { Alert } from '../../schemas/types.ts'
import type { Config } from '../config/load.ts'
import { resolveSecrets } from '../config/secrets.ts'
import { createContext } from '../context.ts'
import { createCollector } from '../detect/collect-findings.ts'
import { readRules } from '../read-rules.ts'
import { topicNamer } from '../service/topic-configs.ts'
import type { OperationContext } from './operation.ts'
import { readTopic } from './read-topic.ts'
import { foldState } from './state.ts'

/** The event times between which a rehearsal looks, in epoch milliseconds. */
export interface RehearsalRange {
  from?: number
  to?: number
}

/** The alerts, those of the severity info too, that the retained events give with the state of now. */
export async function retell(
  context: OperationContext,
  range: RehearsalRange,
  matcher: Matcher,
): Promise<Alert[]> {
  const { config, bus, ids } = context
  const topic = topicNamer(config.bus)('raw-events')
  const { hashKey } = resolveSecrets(config)
  const detection = createContext({ hashKey, unmanagedAny: config.alerts.unmanaged === 'any' })
  const pipeline = createPipeline({
    context: detection,
    matcher,
    admits: compileFilters(config.filters),
    isTerraforms: terraformsOwn(config.terraform.principals),
  })
  const states = createStateIndex(detection.mappings)
  for (const row of await foldState(context)) states.add(row)
  const collector = createCollector(pipeline, states)
  const codec = await createCodec('raw-event', topic, ids)
  await readTopic(bus, topic, async ({ value }) => {
    const event = value && (await codec.decode(value).catch(() => null))
    if (event && within(event.time, range)) collector.add(event)
  })
  return collector.alerts(new Date())
}

export function within(time: number, { from, to }: RehearsalRange): boolean {
  return (from === undefined || time >= from) && (to === undefined || time < to)
}

/** The rules that are configured, as their files are now. */
export function configuredRules({ shippedRules, rules }: Config): Rule[] {
  return readRules({ shipped: shippedRules, folders: rules })
}

export function matcherOf(rules: readonly Rule[], { alerts }: Config): Matcher {
  return createMatcher(rules, { severities: alerts.severity })
}
