import type { PositionStore, Source, SourceContext, SourceDeadLetter } from '../../connectors/source.ts'
import { type SourceKind, sourceKinds } from '../../connectors/sources/index.ts'
import { kafkaFeeds } from '../../streams/kafka-feed.ts'
import type { Problem } from '../health-server.ts'
import { createEmit } from './emit.ts'
import type { RunningRole, ServiceContext } from './service-context.ts'

/** How often folders of events are looked at: new files show within twice this. */
const POLL_EVENTS_MS = 1_000

/** A source by the name that metrics show; `keptAs`: what its positions are kept under, where it is another. */
type Named = { name: string; source: Source; keptAs?: string }

/** The role `collect`: every configured source of events. */
export function collectSources({ config, secrets }: ServiceContext): Named[] {
  const deps = { hashKey: secrets.hashKey, pollMs: POLL_EVENTS_MS, feeds: kafkaFeeds }
  return config.sources.map(({ kind, config: own }, i) => ({
    name: `${kind}[${i}]`,
    // The compiler does not see that these settings are those of this kind; connectorSchema has made them so.
    source: (sourceKinds[kind] as SourceKind<unknown>).create(own, deps),
  }))
}

/**
 * Starts sources; what they hand over goes to the log, and what they have acknowledged to `positions`. `asked`: as of
 * SourceContext.
 */
export async function startSources(
  sources: readonly Named[],
  context: ServiceContext,
  positions: PositionStore,
  asked: Pick<SourceContext, 'isLost' | 'seenDeleted' | 'isLocked'> = {},
): Promise<RunningRole> {
  const { bus, topic, codecs, secrets, metrics, log } = context
  for (const { name, source, keptAs = name } of sources) {
    const emit = createEmit({ bus, topic, codecs, deadLetterKey: secrets.deadLetterKey, onStored })
    const onSkipped = (reason: string) => metrics.sourceSkippedTotal.inc({ source: name, reason })
    const kept = scoped(positions, keptAs)
    await source.start({ emit, positions: kept, ...asked, onSkipped, log })

    function onStored(stored: {
      events: number
      snapshots: number
      deadLetters: readonly SourceDeadLetter[]
    }) {
      metrics.sourceEventsTotal.inc({ source: name }, stored.events)
      metrics.sourceSnapshotsTotal.inc({ source: name }, stored.snapshots)
      for (const { code, message } of stored.deadLetters) {
        metrics.deadLettersTotal.inc({ stage: 'source', code })
        log.warn({ source: name, code, message }, 'a dead letter')
      }
    }
  }

  function problems(): Problem[] {
    return sources.flatMap(({ name, source }) => {
      const healthy = source.healthy()
      metrics.sourceHealthy.set({ source: name }, healthy ? 1 : 0)
      return healthy
        ? []
        : [{ component: `source:${name}`, reason: 'cannot read its place; the log says why' }]
    })
  }

  return {
    problems,
    async stop() {
      await Promise.all(sources.map(({ source }) => source.stop()))
    },
  }
}

function scoped(positions: PositionStore, name: string): PositionStore {
  return {
    get: (key) => positions.get(`${name}\0${key}`),
    set: (key, value) => positions.set(`${name}\0${key}`, value),
  }
}
