import type { Bus, Handle, ProcessOptions, Running } from './bus.ts'
import { type KafkaConnection, kafkaClient } from './kafka-client.ts'
import { kafkaOffsets } from './kafka-offsets.ts'
import { kafkaProcess } from './kafka-process.ts'
import { kafkaPublisher } from './kafka-publisher.ts'
import { kafkaTail } from './kafka-tail.ts'
import { kafkaTopics } from './kafka-topics.ts'

export interface KafkaBusOptions extends KafkaConnection {
  /** A member that the coordinator has not heard of for so long loses its partitions. Default 10 s. */
  sessionTimeoutMs?: number
  /** How many partitions a member handles at the same time. Default 1: one that keeps failing holds up the others. */
  partitionsConcurrently?: number
  /** A publish that the broker has not stored by then is rejected. Default 60 s. */
  sendTimeoutMs?: number
  /** Compresses what is published: a quarter of the bytes or less, for about half of the records a second. */
  gzip?: boolean
}

/** The bus on a Kafka cluster. Throws if the cluster cannot be reached. */
export async function kafkaBus(options: KafkaBusOptions): Promise<Bus> {
  const { clientId, log, sessionTimeoutMs = 10_000, partitionsConcurrently = 1 } = options
  const { sendTimeoutMs = 60_000, gzip = false } = options
  const kafka = kafkaClient(options)
  const topics = kafkaTopics(kafka)
  const offsets = kafkaOffsets(kafka)
  const over = new AbortController()
  const publisher = kafkaPublisher(kafka, topics, { sendTimeoutMs, gzip, over: over.signal, log })
  const shared = {
    kafka,
    publisher,
    offsets: offsets.offsets,
    clientId,
    sessionTimeoutMs,
    partitionsConcurrently,
    missing,
    log,
  }
  const running = new Set<{ stop(): Promise<void> }>()
  let closed = false
  await offsets.clusterId()

  /** Where a topic is gone the process will end, and must not wait for what was to be published to it. */
  async function missing(wanted: readonly string[]): Promise<string[]> {
    const gone = await topics.missing(wanted)
    if (gone.length > 0) over.abort(new Error(`topic ${gone[0]} was deleted while it was in use`))
    return gone
  }

  async function kept<T extends { stop(): Promise<void> }>(start: () => Promise<T>): Promise<T> {
    if (closed) throw new Error('the bus is closed')
    const reader = await start()
    running.add(reader)
    return reader
  }

  async function process(options: ProcessOptions, handle: Handle): Promise<Running> {
    await Promise.all(options.topics.map(topics.facts))
    return kept(() => kafkaProcess(shared, options, handle))
  }

  async function close(): Promise<void> {
    closed = true
    await Promise.all([...running].map((reader) => reader.stop()))
    await publisher.close()
  }

  return {
    ...offsets,
    ensureTopics: topics.ensureTopics,
    describe: topics.describe,
    publish: (records) => publisher.publish(records),
    process,
    tail: (options, apply) => kept(() => kafkaTail(shared, options, apply)),
    close,
  }
}
