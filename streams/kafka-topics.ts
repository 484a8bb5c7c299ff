import kafkajs, { type Admin, type ITopicConfig, type Kafka } from 'kafkajs'
import { type Bus, type TopicConfig, TopicMismatchError } from './bus.ts'
import { withAdmin } from './kafka-client.ts'
import { isUnknownTopic } from './kafka-errors.ts'
import { persist } from './persist.ts'

/** Of a topic that has just been made, each broker learns in its own time. */
const SHOWN_WITHIN_MS = 30_000
const DAY_MS = 24 * 60 * 60 * 1000

/** Partition count and cleanup policy as the broker has them. */
export type TopicFacts = NonNullable<Awaited<ReturnType<Bus['describe']>>>

export interface KafkaTopics extends Pick<Bus, 'ensureTopics' | 'describe'> {
  /** Like describe, but asks the broker once a topic; throws if it does not exist. */
  facts(topic: string): Promise<TopicFacts>
  /** Those of the topics that the broker does not have. */
  missing(topics: readonly string[]): Promise<string[]>
}

/** Creates and checks topics. Needs Describe and DescribeConfigs on them, and Create for those that are missing. */
export function kafkaTopics(kafka: Kafka): KafkaTopics {
  const known = new Map<string, TopicFacts>()

  async function ensureTopics(topics: readonly TopicConfig[]): Promise<void> {
    await withAdmin(kafka, async (admin) => {
      const existing = new Set(await admin.listTopics())
      const missing = topics.filter(({ name }) => !existing.has(name))
      // Another instance may create them at the same moment: kafkajs answers false, and the check below decides.
      if (missing.length > 0) await create(admin, missing)
      for (const topic of topics) {
        const found = await lookUntilShown(admin, topic.name)
        check(topic, found)
        known.set(topic.name, found)
      }
    })
  }

  function describe(topic: string): Promise<TopicFacts | null> {
    return withAdmin(kafka, (admin) => look(admin, topic))
  }

  async function facts(topic: string): Promise<TopicFacts> {
    const found = known.get(topic) ?? (await describe(topic))
    if (!found) throw new Error(`topic ${topic} does not exist: create it with \`tfdrift topics create\``)
    known.set(topic, found)
    return found
  }

  async function missing(wanted: readonly string[]): Promise<string[]> {
    const existing = new Set(await withAdmin(kafka, (admin) => admin.listTopics()))
    return wanted.filter((topic) => !existing.has(topic))
  }

  return { ensureTopics, describe, facts, missing }
}

/** Waits for leaders where it can: kafkajs does not where the broker does not show a topic yet that it has made. */
async function create(admin: Admin, topics: readonly TopicConfig[]): Promise<void> {
  await admin.createTopics({ topics: topics.map(creation), waitForLeaders: true }).catch((error) => {
    if (!isUnknownTopic(error)) throw error
  })
}

function lookUntilShown(admin: Admin, topic: string): Promise<TopicFacts> {
  const signal = AbortSignal.timeout(SHOWN_WITHIN_MS)
  const notShown = new Error(`topic ${topic} was created but the broker does not show it yet: try again`)
  async function insist(): Promise<TopicFacts> {
    const found = await look(admin, topic)
    if (!found) throw notShown
    return found
  }
  const onFailure = (error: unknown) => {
    if (error !== notShown) throw error
  }
  return persist(insist, { signal, onFailure, longestWaitMs: 500 }).catch((error) => {
    throw signal.aborted ? notShown : error
  })
}

async function look(admin: Admin, topic: string): Promise<TopicFacts | null> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    const type = kafkajs.ConfigResourceTypes.TOPIC
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type, name: topic, configNames: ['cleanup.policy'] }],
    })
    const policy = resources[0]?.configEntries.find(({ configName }) => configName === 'cleanup.policy')
    return { partitions: topics[0]?.partitions.length ?? 0, cleanup: policy?.configValue ?? 'delete' }
  } catch (error) {
    if (isUnknownTopic(error)) return null
    throw error
  }
}

function check(wanted: TopicConfig, found: TopicFacts): void {
  const differing = (['partitions', 'cleanup'] as const).find((setting) => found[setting] !== wanted[setting])
  if (!differing) return
  const setting = differing === 'cleanup' ? 'cleanup.policy' : differing
  throw new TopicMismatchError(
    `topic ${wanted.name}: ${setting} is ${found[differing]}, expected ${wanted[differing]}: ` +
      'change the configuration to fit the topic, or replace the topic',
  )
}

function creation(config: TopicConfig): ITopicConfig {
  const { name, partitions, cleanup, retentionMs, maxMessageBytes, replicationFactor } = config
  const settings: Record<string, string> = { 'cleanup.policy': cleanup }
  if (retentionMs !== undefined) settings['retention.ms'] = String(retentionMs)
  if (maxMessageBytes !== undefined) settings['max.message.bytes'] = String(maxMessageBytes)
  if (cleanup === 'compact') {
    settings['min.cleanable.dirty.ratio'] = '0.1'
    settings['delete.retention.ms'] = String(DAY_MS)
    settings['compression.type'] = 'producer'
  }
  return {
    topic: name,
    numPartitions: partitions,
    replicationFactor: replicationFactor ?? -1,
    configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
  }
}
