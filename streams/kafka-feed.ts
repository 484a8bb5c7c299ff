import type { Batch, OutRecord, Running } from './bus.ts'
import { type KafkaConnection, kafkaClient, withAdmin } from './kafka-client.ts'
import { kafkaErrorType } from './kafka-errors.ts'
import { linkError } from './kafka-link-error.ts'
import { kafkaProcess } from './kafka-process.ts'

/** A topic of somebody else's cluster. */
export interface ForeignTopic extends KafkaConnection {
  topic: string
}

export interface FeedOptions extends ForeignTopic {
  /** The consumer group that remembers how far the topic has been read. */
  group: string
  /** The topic can no longer be read; reading goes on by itself when it can. */
  onLost: (error: Error) => void
  /** The feed has ended: it takes a change of rights or settings to read on. */
  onFatal: (error: Error) => void
}

/** `origin` names the record: TOPIC/PARTITION/OFFSET. */
export interface FeedRecord {
  origin: string
  value: Buffer
}

/** Resolves when the records may count as read. Rejects: they come again, after a while. */
export type FeedHandler = (records: readonly FeedRecord[]) => Promise<void>

/** How connectors read foreign topics. */
export interface Feeds {
  /**
   * Reads from where the group left off, else from the start. The position moves only after `handle` has resolved: a
   * crash repeats records and loses none. Throws, saying what to change, if it cannot begin.
   */
  read(options: FeedOptions, handle: FeedHandler): Promise<Running>
  /** Resolves if the topic is there and may be looked at; throws as `read` does. Reads nothing and joins nothing. */
  check(topic: ForeignTopic): Promise<void>
}

/** What Microsoft advises to clients of Event Hubs, which take longer than a Kafka of one's own; Kafka bears it, too. */
const SESSION_TIMEOUT_MS = 30_000
const REQUEST_TIMEOUT_MS = 60_000
const METADATA_MAX_AGE_MS = 180_000
/** One message may hold hundreds of events. */
const MAX_BATCH = 50

/** Foreign topics by kafkajs. */
export const kafkaFeeds: Feeds = { read, check }

async function read(options: FeedOptions, handle: FeedHandler): Promise<Running> {
  const { topic, group, onLost, onFatal, log } = options
  await check(options)
  const context = {
    kafka: clientOf(options),
    publisher: { publish: async () => [], healthy: () => true },
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    metadataMaxAgeMs: METADATA_MAX_AGE_MS,
    partitionsConcurrently: 1,
    onLost: (error: Error) => onLost(explained(error, options)),
    log,
  }
  const settings = {
    group,
    topics: [topic],
    maxBatch: MAX_BATCH,
    onFatal: (error: Error) => onFatal(explained(error, options)),
  }
  return kafkaProcess(context, settings, take).catch((error) => {
    throw explained(error, options)
  })

  async function take({ records, partition }: Batch): Promise<OutRecord[]> {
    const full = records.flatMap(({ value, offset }) =>
      value === null ? [] : [{ origin: `${topic}/${partition}/${offset}`, value }],
    )
    if (full.length > 0) await handle(full)
    return []
  }
}

async function check(place: ForeignTopic): Promise<void> {
  await withAdmin(clientOf(place), (admin) => admin.fetchTopicOffsets(place.topic)).catch((error) => {
    throw explained(error, place)
  })
}

function clientOf(connection: KafkaConnection) {
  return kafkaClient({ requestTimeoutMs: REQUEST_TIMEOUT_MS, ...connection })
}

function explained(error: Error, { topic, ssl, sasl }: ForeignTopic): Error {
  switch (kafkaErrorType(error)) {
    case 'UNKNOWN_TOPIC_OR_PARTITION':
      return new Error(`there is no topic ${topic}; create it, or correct its name`, { cause: error })
    case 'TOPIC_AUTHORIZATION_FAILED':
    case 'GROUP_AUTHORIZATION_FAILED':
      return new Error(`${topic} may not be read with these rights; give the right to listen`, {
        cause: error,
      })
    default:
      return linkError(error, { ssl: ssl !== undefined, sasl: sasl !== undefined }) ?? error
  }
}
