import { type TopicName, topology } from '../../processors/topology.ts'
import type { TopicConfig } from '../../streams/bus.ts'

const DAY_MS = 24 * 60 * 60 * 1000

export interface TopicSettings {
  topicPrefix: string
  partitions: number
  replicationFactor?: number | undefined
}

/** The full name of a topic. */
export function topicNamer({ topicPrefix }: Pick<TopicSettings, 'topicPrefix'>): (name: TopicName) => string {
  return (name) => `${topicPrefix}${name}`
}

/** The topics of the topology as the log must have them. */
export function topicConfigs(settings: TopicSettings): TopicConfig[] {
  const { partitions, replicationFactor } = settings
  const full = topicNamer(settings)
  return topology.map(({ name, cleanup, retentionDays, maxMessageBytes }) => ({
    name: full(name),
    partitions,
    cleanup,
    ...(retentionDays !== undefined && { retentionMs: retentionDays * DAY_MS }),
    ...(maxMessageBytes !== undefined && { maxMessageBytes }),
    ...(replicationFactor !== undefined && { replicationFactor }),
  }))
}
