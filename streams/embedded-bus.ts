import type { Bus, OffsetReset, PartitionOffsets } from './bus.ts'
import { LOG, META, NEWEST } from './embedded-format.ts'
import { createGroup, type Group } from './embedded-group.ts'
import { openLog } from './embedded-log.ts'
import { runMember } from './embedded-member.ts'
import { runTail } from './embedded-tail.ts'
import type { Partition } from './embedded-topics.ts'
import type { Logger } from './logger.ts'
import type { Store } from './store.ts'

/** The families that the store of an embedded bus must have. */
export const embeddedFamilies: readonly string[] = [LOG, NEWEST, META]

const EXPIRE_EVERY_MS = 5 * 60 * 1000

/**
 * The bus on a local store, for one process: with RocksDB it survives restarts, with the memory store it is the bus of
 * tests. Closing it leaves the store open.
 */
export async function embeddedBus(store: Store, logger: Logger = silent): Promise<Bus> {
  const log = await openLog(store)
  const groups = new Map<string, Group>()
  const running = new Set<{ stop(): Promise<void> }>()
  await log.expire()
  const timer = setInterval(() => {
    log.expire().catch((err) => logger.warn({ err }, 'old records could not be deleted yet'))
  }, EXPIRE_EVERY_MS)
  timer.unref()

  function groupOf(name: string): Group {
    const group = groups.get(name) ?? createGroup(name, log, store)
    groups.set(name, group)
    return group
  }

  function kept<T extends { stop(): Promise<void> }>(reader: T): T {
    running.add(reader)
    return reader
  }

  async function resetOffsets(group: string, topic: string, to: OffsetReset): Promise<void> {
    const { partitions } = log.requireTopic(topic)
    const target = async (partition: Partition) => ({ partition, offset: await offsetOf(partition, to) })
    await groupOf(group).reset(await Promise.all(partitions.map(target)))
  }

  async function offsetOf(partition: Partition, to: OffsetReset): Promise<number> {
    const { low, high } = partition
    if (to.to === 'earliest') return low
    if (to.to === 'latest') return high
    if (to.to === 'time') return log.offsetAt(partition, to.time)
    return Math.min(high, Math.max(low, to.offset))
  }

  async function offsets(topic: string): Promise<PartitionOffsets[]> {
    const partitions = log.topic(topic)?.partitions ?? []
    return partitions.map(({ number, low, high }) => ({ partition: number, low, high }))
  }

  return {
    ensureTopics: log.ensureTopics,
    publish: (records) => log.append(records),
    process: async (options, handle) => {
      for (const topic of options.topics) log.requireTopic(topic)
      return kept(runMember({ log, group: groupOf(options.group), logger }, options, handle))
    },
    tail: async (options, apply) => kept(runTail({ log, logger }, options, apply)),
    offsets,
    describe: async (name) => {
      const topic = log.topic(name)
      return topic ? { partitions: topic.partitions.length, cleanup: topic.cleanup } : null
    },
    committed: async (group, topic) => {
      const partitions = log.topic(topic)?.partitions ?? []
      const found = await groupOf(group).committed(partitions)
      return partitions.map(({ number }, index) => ({ partition: number, offset: found[index]! }))
    },
    resetOffsets,
    clusterId: async () => log.clusterId,
    close: async () => {
      clearInterval(timer)
      await Promise.all([...running].map((reader) => reader.stop()))
      await log.close()
    },
  }
}

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
