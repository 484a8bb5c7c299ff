import { configSchema } from '../../../cli/config/load.ts'
import type { Operation, OperationContext } from '../../../cli/operations/operation.ts'
import { createTopics } from '../../../cli/operations/topics.ts'
import { type Codecs, createCodecs } from '../../../cli/service/codecs.ts'
import { topicNamer } from '../../../cli/service/topic-configs.ts'
import { rawEventHeaders } from '../../../schemas/headers.ts'
import { rawEventKey } from '../../../schemas/raw-event-key.ts'
import type { Alert, RawEvent, StateResource } from '../../../schemas/types.ts'
import { embeddedBus, embeddedFamilies } from '../../../streams/embedded-bus.ts'
import { memoryStore } from '../../../streams/memory-store.ts'
import { full } from '../../schemas/samples.ts'
import { memoryIds } from '../../support/memory-ids.ts'

/** A log in memory, with what operations need of it and ways to fill it. */
export interface ALog extends OperationContext {
  codecs: Codecs
  /** Runs an operation to its end and returns what it handed over. */
  ask<Args>(operation: Operation<Args>, args: Args, signal?: AbortSignal): Promise<object[]>
  publishEvents(...events: RawEvent[]): Promise<void>
  publishAlerts(...alerts: Alert[]): Promise<void>
  publishState(key: string, resource: Partial<StateResource> | null): Promise<void>
}

const key = Buffer.alloc(32, 7).toString('base64')

/** Its topics have two partitions and are not there before createTopics or `topics: true`. */
export async function aLog({ topics = true, settings = {} } = {}): Promise<ALog> {
  const bus = await embeddedBus(memoryStore(embeddedFamilies))
  const ids = memoryIds()
  const config = {
    ...configSchema.parse({
      bus: { partitions: 2 },
      shippedRules: false,
      secrets: { hashKey: key, deadLetterKey: key },
      ...settings,
    }),
    file: 'tfdrift.yaml',
    routing: { default: [], rules: [] },
  }
  const context: OperationContext = { config, bus, ids }
  const named = topicNamer(config.bus)
  const codecs = await createCodecs(ids, named)

  async function ask<Args>(operation: Operation<Args>, args: Args, signal = new AbortController().signal) {
    const results: object[] = []
    await operation(context, args, (result) => results.push(result), signal)
    return results
  }
  if (topics) await ask(createTopics, {})

  return {
    ...context,
    codecs,
    ask,
    async publishEvents(...events) {
      const records = events.map((event) => ({
        topic: named('raw-events'),
        key: Buffer.from(rawEventKey(event)),
        value: codecs.rawEvent.encode(event),
        headers: rawEventHeaders(event),
      }))
      await bus.publish(records)
    },
    async publishAlerts(...alerts) {
      const topic = named('alerts')
      await bus.publish(
        alerts.map((alert) => ({ topic, key: Buffer.from('k'), value: codecs.alert.encode(alert) })),
      )
    },
    async publishState(name, resource) {
      const snapshot = full['state-snapshot']
      const value = resource && {
        ...snapshot,
        resource: { ...snapshot.resource!, deposedKey: null, ...resource },
      }
      await bus.publish([
        {
          topic: named('state-snapshot'),
          key: Buffer.from(name),
          value: value && codecs.stateSnapshot.encode(value),
        },
      ])
    },
  }
}
