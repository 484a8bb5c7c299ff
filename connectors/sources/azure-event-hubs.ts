import { z } from 'zod'
import type { Running } from '../../streams/bus.ts'
import type { FeedRecord, Feeds } from '../../streams/kafka-feed.ts'
import type { Check } from '../check.ts'
import type { Logger, Source, SourceContext } from '../source.ts'
import { hubOf, topicOf } from './azure-connection.ts'
import { handOverReadings } from './hand-over-readings.ts'
import { type EventReading, readEvents } from './read-events.ts'

const KIND = 'azure-event-hubs'
/** After a fault that only the operator can mend. */
const RETRY_MS = 30_000

export const azureEventHubsConfig = z.strictObject({
  /** That of the namespace or of the hub, with the right to listen. */
  connectionString: z
    .string()
    .regex(/(^|;)Endpoint=sb:\/\/[^/;:]+/, {
      error:
        'must hold Endpoint=sb://NAMESPACE.servicebus.windows.net/; copy it from the shared access policy',
    })
    .regex(/(^|;)SharedAccessKey=./, { error: 'has no SharedAccessKey; copy the whole text' }),
  /** Left out: the EntityPath of the connection string, else insights-activity-logs. */
  eventHub: z.string().min(1).optional(),
  /** Remembers how far the hub has been read: another one for every installation that reads it. */
  consumerGroup: z.string().min(1).default('$Default'),
  /** HOST:PORT instead of the namespace's own, as behind a private link. */
  endpoint: z
    .string()
    .regex(/^[^:/\s]+:\d+$/, { error: 'must be HOST:PORT' })
    .optional(),
  /** A PEM file of the authority of the endpoint's certificate, where it is not a public one. */
  ca: z.string().min(1).optional(),
})

export type AzureEventHubsConfig = z.output<typeof azureEventHubsConfig>

export interface AzureEventHubsDeps {
  hashKey: Buffer
  feeds: Feeds
}

/**
 * Reads Azure's activity log from an event hub, by the Kafka protocol. The group's position moves only after the log
 * holds the events; what cannot be read as one becomes a dead letter, and counts as read.
 */
export function azureEventHubs(config: AzureEventHubsConfig, deps: AzureEventHubsDeps): Source {
  let running: Running | undefined
  let retry: NodeJS.Timeout | undefined
  /** What the log has been told already. */
  let fault: string | undefined
  let stopped = false

  async function open(context: SourceContext): Promise<void> {
    const onLost = (error: Error) => report(error, context.log)
    const onFatal = (error: Error) => reopen(error, context)
    const { consumerGroup: group } = config
    const take = taker(context, deps.hashKey)
    const opened = await deps.feeds.read(
      { ...topicOf(config, context.log), group, onLost, onFatal },
      async (records) => {
        await take(records)
        fault = undefined
      },
    )
    running = opened
    if (stopped) await opened.stop()
  }

  function reopen(error: Error, context: SourceContext): void {
    report(error, context.log)
    const attempt = () => open(context).catch((again: Error) => reopen(again, context))
    if (!stopped) retry = setTimeout(attempt, RETRY_MS)
  }

  function report(error: Error, log: Logger): void {
    const { message } = named(error)
    if (message !== fault)
      log.error({ source: KIND, error: message }, 'cannot read the event hub; trying again')
    fault = message
  }

  return {
    async start(context) {
      await open(context).catch((error) => {
        throw named(error)
      })
    },
    async stop() {
      stopped = true
      clearTimeout(retry)
      await running?.stop()
    },
    healthy: () => running?.healthy() ?? false,
  }
}

/** For `tfdrift doctor`: whether the hub can be reached with these credentials, and is there. Joins no group. */
export async function checkAzureEventHubs(
  config: AzureEventHubsConfig,
  { feeds }: Pick<AzureEventHubsDeps, 'feeds'>,
): Promise<Check[]> {
  const { topic, endpoint } = hubOf(config)
  const what = `Azure event hub ${topic} at ${endpoint}`
  try {
    await feeds.check(topicOf(config, silent))
    return [{ what, ok: true }]
  } catch (error) {
    const fix = `name an event hub that is there, and a shared access policy of it that has the right Listen`
    return [{ what, ok: false, problem: named(error).message, fix }]
  }
}

/**
 * Hands over what is in a batch of records. A batch that comes again goes on behind what the log has taken of it: it may
 * have more parts than the log ever takes in a row.
 */
function taker(context: SourceContext, hashKey: Buffer): (records: readonly FeedRecord[]) => Promise<void> {
  let first: string | undefined
  let taken = 0
  const onTaken = (readings: number) => {
    taken = readings
  }

  return async function take(records) {
    if (records[0]?.origin !== first) taken = 0
    first = records[0]?.origin
    const readings = readingsIn(records, hashKey)
    await handOverReadings(context, readings, { skip: taken, onTaken }).catch((error: Error) => {
      // Its cause may quote the records, and the feed logs what is thrown.
      throw new Error(error.message)
    })
    first = undefined
  }
}

async function* readingsIn(records: readonly FeedRecord[], hashKey: Buffer): AsyncGenerator<EventReading> {
  for (const { origin, value } of records)
    yield* await readEvents(value, { origin, receivedAt: Date.now(), hashKey })
}

/** Which of our settings stands behind each of a Kafka connection's. */
const settings: Record<string, string> = {
  sasl: 'connectionString: ',
  'ssl.ca': 'ca: ',
  brokers: 'endpoint: ',
  ssl: 'endpoint: ',
}

function named(error: unknown): Error {
  const { message, setting = '' } = error as Error & { setting?: string }
  return new Error(`${KIND}: ${settings[setting] ?? ''}${message}`, { cause: error })
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }
