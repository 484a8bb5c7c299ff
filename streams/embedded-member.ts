import type { Batch, Handle, ProcessOptions, Running } from './bus.ts'
import type { Group, GroupMember } from './embedded-group.ts'
import type { EmbeddedLog } from './embedded-log.ts'
import { type Insist, type Place, type Reader, startReader } from './embedded-reader.ts'
import type { Partition } from './embedded-topics.ts'
import type { Logger } from './logger.ts'

/**
 * As Bus.process. What handle returns is stored in one write with the commit, so a crash leaves both or neither;
 * one between that and onPublished is made good by the next onAssigned, which reads the same records from the log.
 */
export function runMember(
  { log, group, logger }: { log: EmbeddedLog; group: Group; logger: Logger },
  options: ProcessOptions,
  handle: Handle,
): Running {
  const { topics, maxBatch = 500, onAssigned, onPublished, tick, onFatal = () => {} } = options
  let reader: Reader | undefined

  async function start(partitions: Partition[], insist: Insist): Promise<Place[]> {
    const names = partitions.map(({ topic, number }) => ({ topic: topic.name, partition: number }))
    await insist('onAssigned', async () => onAssigned?.(names))
    return insist('load', () => group.load(partitions))
  }

  async function turn(batch: Batch, place: Place, next: number, insist: Insist): Promise<void> {
    const { epoch, partition } = place
    const records = await insist('handle', (signal) => handle(batch, signal))
    const commit = () => (place.epoch === epoch ? [group.commit(partition, next)] : [])
    const positions = await insist('publish', () => log.append(records, commit))
    await insist('onPublished', async () => onPublished?.(records, positions))
  }

  async function runTick({ partition }: Place, insist: Insist): Promise<void> {
    const place = { topic: partition.topic.name, partition: partition.number }
    for (const records of await insist('tick', (signal) => tick!.handle(place, signal))) {
      const positions = await insist('publish', () => log.append(records))
      await insist('onPublished', async () => onPublished?.(records, positions))
    }
  }

  const member: GroupMember = {
    topics,
    assign(partitions) {
      reader = startReader({
        log,
        logger,
        maxBatch,
        start: (insist) => start(partitions, insist),
        turn,
        tick: tick && { everyMs: tick.everyMs, run: runTick },
        onFatal,
      })
    },
    async revoke() {
      await reader?.stop()
    },
    moved: (place) => reader?.moved(place),
  }
  group.join(member)
  return { stop: () => group.leave(member), healthy: () => reader?.healthy() ?? false }
}
