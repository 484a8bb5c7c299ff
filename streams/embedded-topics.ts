import { type TopicConfig, TopicMismatchError } from './bus.ts'
import { META, metaKeys, partitionPrefix, topicKeys } from './embedded-format.ts'
import type { Store, Write } from './store.ts'

export interface Topic {
  name: string
  cleanup: TopicConfig['cleanup']
  retentionMs: number | undefined
  partitions: Partition[]
}

/** One partition as it is stored; changed only when the store has taken the change. */
export interface Partition {
  readonly topic: Topic
  readonly number: number
  readonly prefix: Buffer
  low: number
  high: number
  /** Of the newest record; timestamps never go back within a partition. */
  timestamp: number
}

export async function loadTopics(store: Store): Promise<Map<string, Topic>> {
  const topics = new Map<string, Topic>()
  for await (const { value } of store.iterate(META, topicKeys)) {
    const topic = createTopic(JSON.parse(String(value)))
    topics.set(topic.name, topic)
  }
  await loadOffsets(store, topics.values())
  return topics
}

/** Sets the offsets of the partitions to what the store holds. */
export async function loadOffsets(store: Store, topics: Iterable<Topic>): Promise<void> {
  const partitions = [...topics].flatMap((topic) => topic.partitions)
  const lows = await store.getMany(
    META,
    partitions.map(({ topic, number }) => metaKeys.low(topic.name, number)),
  )
  const highs = await store.getMany(
    META,
    partitions.map(({ topic, number }) => metaKeys.high(topic.name, number)),
  )
  for (const [index, partition] of partitions.entries()) {
    partition.low = Number(lows[index] ?? 0)
    ;[partition.high = 0, partition.timestamp = 0] = String(highs[index] ?? '0 0')
      .split(' ')
      .map(Number)
  }
}

export function createTopic({ name, cleanup, partitions, retentionMs }: TopicConfig): Topic {
  const topic: Topic = { name, cleanup, retentionMs, partitions: [] }
  for (let number = 0; number < partitions; number++) {
    const prefix = partitionPrefix(name, number)
    topic.partitions.push({ topic, number, prefix, low: 0, high: 0, timestamp: 0 })
  }
  return topic
}

/** Throws TopicMismatchError if the topic exists with other settings. */
export function requireMatch(wanted: TopicConfig, topic: Topic | undefined): void {
  if (!topic) return
  const found = { partitions: topic.partitions.length, cleanup: topic.cleanup }
  for (const setting of ['partitions', 'cleanup'] as const) {
    if (found[setting] === wanted[setting]) continue
    throw new TopicMismatchError(
      `topic ${wanted.name}: ${setting} is ${found[setting]}, expected ${wanted[setting]}: ` +
        'change the configuration to fit the topic, or start with an empty data directory',
    )
  }
}

export function topicWrite({ name, partitions, cleanup, retentionMs }: TopicConfig): Write {
  const settings = { name, partitions, cleanup, retentionMs }
  return { family: META, key: metaKeys.topic(name), value: Buffer.from(JSON.stringify(settings)) }
}

export function highWrite({ topic, number }: Partition, high: number, timestamp: number): Write {
  return { family: META, key: metaKeys.high(topic.name, number), value: Buffer.from(`${high} ${timestamp}`) }
}

export function lowWrite({ topic, number }: Partition, low: number): Write {
  return { family: META, key: metaKeys.low(topic.name, number), value: Buffer.from(String(low)) }
}
