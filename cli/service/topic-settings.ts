import type { Config } from '../config/load.ts'
import type { TopicSettings } from './topic-configs.ts'

export function topicSettings({ bus }: Config): TopicSettings {
  const { topicPrefix, partitions } = bus
  return {
    topicPrefix,
    partitions,
    ...(bus.kind === 'kafka' && { replicationFactor: bus.kafka.replicationFactor }),
  }
}
