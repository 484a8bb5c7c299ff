import type { Kafka } from 'kafkajs'
import { withAdmin } from './kafka-client.ts'
import { isUnknownTopic } from './kafka-errors.ts'

/** One partition as the broker has it at a moment. `high` leaves out what open transactions have written. */
export interface PartitionEnd {
  topic: string
  partition: number
  low: number
  high: number
  /** host:port of the broker that leads it. */
  leader: string
}

export interface Ends {
  partitions: PartitionEnd[]
  /** host:port by node id. */
  brokers: Map<string, string>
}

/** Throws, naming the topic, if one does not exist. */
export async function captureEnds(kafka: Kafka, topics: readonly string[]): Promise<Ends> {
  return withAdmin(kafka, async (admin) => {
    const { brokers: nodes } = await admin.describeCluster()
    const brokers = new Map(nodes.map(({ nodeId, host, port }) => [String(nodeId), `${host}:${port}`]))
    const partitions: PartitionEnd[] = []
    for (const topic of topics) {
      const leaders = await leadersOf(topic)
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        const leader = brokers.get(leaders.get(partition) ?? '') ?? ''
        partitions.push({ topic, partition, low: Number(low), high: Number(high), leader })
      }
    }
    return { partitions, brokers }

    async function leadersOf(topic: string): Promise<Map<number, string>> {
      const answer = await admin.fetchTopicMetadata({ topics: [topic] }).catch((error) => {
        if (!isUnknownTopic(error)) throw error
        throw new Error(`topic ${topic} does not exist: create it with \`tfdrift topics create\``)
      })
      return new Map(
        answer.topics[0]?.partitions.map(({ partitionId, leader }) => [partitionId, String(leader)]),
      )
    }
  })
}
