import { randomBytes, randomUUID } from 'node:crypto'
import type { Admin, Kafka } from 'kafkajs'
import { until } from './until.ts'

/** A record for `publish`. */
export interface TestRecord {
  key: string
  value: string | Buffer
  partition: number
}

/** A record of partition 0. */
export function record(key: string, value: string | Buffer = key): TestRecord {
  return { key, value, partition: 0 }
}

/** A topic whose segments close soon, and are cleaned soon, but are too large to be merged into one. */
export async function compactedTopic(admin: Admin): Promise<string> {
  const topic = `compacted-${randomUUID()}`
  const config = {
    'cleanup.policy': 'compact',
    'segment.bytes': '1048576',
    'segment.ms': '100',
    'min.cleanable.dirty.ratio': '0.01',
    'max.compaction.lag.ms': '200',
  }
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  await admin.createTopics({ topics: [{ topic, configEntries }], waitForLeaders: true })
  return topic
}

/**
 * Three segments: [0: filler, 1: x], [2: filler, 3: x again], [4: last]. Cleaning takes away the record at offset 1;
 * of an idempotent producer's batch the empty shell stays, at the end of its segment, where KafkaJS stalls on it. Each
 * filler comes first, so that a closed segment holds it and what follows even if a slow machine makes more segments.
 */
export async function publishTwice(
  kafka: Kafka,
  topic: string,
  options: { idempotent: boolean },
): Promise<void> {
  const filler = () => record(randomUUID(), randomBytes(700_000))
  await publish(kafka, topic, options, [filler()], [record('x', 'old')])
  await segmentExpires()
  await publish(kafka, topic, options, [filler()], [record('x', 'new')])
  await segmentExpires()
  await publish(kafka, topic, options, [record('last')])
}

/** A segment closes with the first record that comes more than segment.ms after its own first record. */
async function segmentExpires(): Promise<void> {
  const end = Date.now() + 200
  await until('segment.ms is over', () => Date.now() > end || undefined)
}

/** Sends each batch by itself, through a producer of its own. */
export async function publish(
  kafka: Kafka,
  topic: string,
  { idempotent }: { idempotent: boolean },
  ...batches: TestRecord[][]
): Promise<void> {
  const producer = kafka.producer({ idempotent, maxInFlightRequests: 1 })
  await producer.connect()
  for (const messages of batches) await producer.send({ topic, messages })
  await producer.disconnect()
}
