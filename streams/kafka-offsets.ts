import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import { type Bus, GroupActiveError, type OffsetReset, type PartitionOffsets } from './bus.ts'
import { retry, withAdmin } from './kafka-client.ts'
import { isLeaderless, isUnknownTopic } from './kafka-errors.ts'
import { persist } from './persist.ts'

const LEADERLESS_MS = 30_000

type Offsets = Pick<Bus, 'offsets' | 'committed' | 'resetOffsets' | 'clusterId'>

/** What the log holds, what a group has read of it, and how to move the group. */
export function kafkaOffsets(kafka: Kafka): Offsets {
  async function offsets(topic: string): Promise<PartitionOffsets[]> {
    return withAdmin(kafka, (admin) => read(admin, topic))
  }

  async function committed(
    group: string,
    topic: string,
  ): Promise<{ partition: number; offset: number | null }[]> {
    return withAdmin(kafka, async (admin) => {
      if ((await read(admin, topic)).length === 0) return []
      const answer = await admin.fetchOffsets({ groupId: group, topics: [topic] })
      return (answer[0]?.partitions ?? [])
        .map(({ partition, offset }) => ({ partition, offset: Number(offset) < 0 ? null : Number(offset) }))
        .sort((a, b) => a.partition - b.partition)
    })
  }

  async function resetOffsets(group: string, topic: string, to: OffsetReset): Promise<void> {
    const targets = await withAdmin(kafka, async (admin) => {
      const { groups } = await admin.describeGroups([group])
      if (groups.some(({ members }) => members.length > 0)) throw stillActive(group)
      return resolve(admin, topic, to)
    })
    if (targets.length === 0) throw new Error(`topic ${topic} does not exist: there are no offsets to reset`)
    await commitAs(kafka, group, topic, targets)
  }

  async function clusterId(): Promise<string> {
    return withAdmin(kafka, async (admin) => (await admin.describeCluster()).clusterId)
  }

  return { offsets, committed, resetOffsets, clusterId }
}

interface Target {
  partition: number
  offset: number
}

/** Of a topic that has just been made, each broker learns in its own time who leads its partitions. */
function read(admin: Admin, topic: string): Promise<PartitionOffsets[]> {
  return persist(() => readOnce(admin, topic), {
    signal: AbortSignal.timeout(LEADERLESS_MS),
    longestWaitMs: 500,
    onFailure: (error) => {
      if (!isLeaderless(error)) throw error
    },
  })
}

async function readOnce(admin: Admin, topic: string): Promise<PartitionOffsets[]> {
  try {
    // Asked first because it says at once that a topic does not exist; the other tries for three seconds.
    await admin.fetchTopicMetadata({ topics: [topic] })
    const answer = await admin.fetchTopicOffsets(topic)
    return answer
      .map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
      .sort((a, b) => a.partition - b.partition)
  } catch (error) {
    if (isUnknownTopic(error)) return []
    throw error
  }
}

async function resolve(admin: Admin, topic: string, to: OffsetReset): Promise<Target[]> {
  const held = await read(admin, topic)
  if (to.to === 'earliest') return held.map(({ partition, low }) => ({ partition, offset: low }))
  if (to.to === 'latest') return held.map(({ partition, high }) => ({ partition, offset: high }))
  if (to.to === 'offset') {
    const clamp = ({ low, high }: PartitionOffsets) => Math.min(high, Math.max(low, to.offset))
    return held.map((each) => ({ partition: each.partition, offset: clamp(each) }))
  }
  if (held.length === 0) return []
  const found = await admin.fetchTopicOffsetsByTimestamp(topic, to.time)
  return found.map(({ partition, offset }) => ({ partition, offset: Number(offset) }))
}

/**
 * Joins the group for a moment and commits in its name: the broker takes offsets only from members. (kafkajs' own
 * admin.setOffsets does the same, but keeps a reader in the group for five seconds.)
 */
async function commitAs(
  kafka: Kafka,
  group: string,
  topic: string,
  targets: readonly Target[],
): Promise<void> {
  const consumer = kafka.consumer({
    groupId: group,
    maxWaitTimeInMs: 100,
    allowAutoTopicCreation: false,
    retry,
  })
  let assigned = 0
  let crashed: Error | undefined
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    assigned = payload.memberAssignment[topic]?.length ?? 0
  })
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    crashed = payload.error
  })
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: () => sleep(100) })
    if (crashed) throw crashed
    if (assigned < targets.length) throw stillActive(group)
    await consumer.commitOffsets(targets.map((each) => ({ topic, ...each, offset: String(each.offset) })))
  } finally {
    await consumer.disconnect()
  }
}

function stillActive(group: string): GroupActiveError {
  return new GroupActiveError(
    `group ${group} has live members: stop every instance that reads with it, then try again`,
  )
}
