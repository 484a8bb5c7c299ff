import kafkajs, { type Admin, type ITopicConfig, type Kafka } from 'kafkajs'
import { type Bus, type TopicConfig, TopicMismatchError } from './bus.ts'
import { withAdmin } from './kafka-client.ts'
import { isUnknownTopic } from './kafka-errors.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** Partition count and cleanup policy as the broker has them. */
export type TopicFacts = NonNullable<Awaited<ReturnType<Bus['describe']>>>

export interface KafkaTopics extends Pick<Bus, 'ensureTopics' | 'describe'> {
  /** Like describe, but asks the broker once a topic; throws if it does not exist. */
  facts(topic: string): Promise<TopicFacts>
}

/** Creates and checks topics. Needs Describe and DescribeConfigs on them, and Create for those that are missing. */
export function kafkaTopics(kafka: Kafka): KafkaTopics {
  const known = new Map<string, TopicFacts>()

  async function ensureTopics(topics: readonly TopicConfig[]): Promise<void> {
    await withAdmin(kafka, async (admin) => {
      const existing = new Set(await admin.listTopics())
      const missing = topics.filter(({ name }) => !existing.has(name))
      // Another instance may create them at the same moment: kafkajs answers false, and the check below decides.
      if (missing.length > 0)
        await admin.createTopics({ topics: missing.map(creation), waitForLeaders: true })
      for (const topic of topics) {
        const found = await look(admin, topic.name)
        if (!found)
          throw new Error(`topic ${topic.name} was created but the broker does not show it yet: try again`)
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

  return { ensureTopics, describe, facts }
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
