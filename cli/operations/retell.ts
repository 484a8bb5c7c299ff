import { compileFilters } from '../../processors/filters.ts'
import { createIgnoring } from '../../processors/ignore.ts'
import type { IgnoreLine } from '../../processors/ignore-list.ts'
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
import { faultlessJudgement, type Judgement, judgementFiles } from '../judgement.ts'
import { namedSinks } from '../named-sinks.ts'
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
  { matcher, ignores }: { matcher: Matcher; ignores: readonly IgnoreLine[] },
): Promise<Alert[]> {
  const { config, bus, ids } = context
  const topic = topicNamer(config.bus)('raw-events')
  const { hashKey } = resolveSecrets(config)
  const unmanagedAny = config.alerts.unmanaged === 'any'
  const detection = { ...createContext({ hashKey, unmanagedAny }), ignoring: createIgnoring(ignores) }
  const pipeline = createPipeline({
    context: detection,
    matcher,
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
  return collector.alerts(new Date())
}

export function within(time: number, { from, to }: RehearsalRange): boolean {
  return (from === undefined || time >= from) && (to === undefined || time < to)
}

/** The rules and ignore lists that are configured, as their files are now. */
export function configuredJudgement({ shippedRules: shipped, rules: folders, ignore }: Config): Judgement {
  return faultlessJudgement(judgementFiles({ shipped, folders, ignore }))
}

export function matcherOf(rules: readonly Rule[], config: Config): Matcher {
  return createMatcher(rules, {
    severities: config.alerts.severity,
    sinks: namedSinks(config),
    runbooks: config.runbooks,
  })
}
