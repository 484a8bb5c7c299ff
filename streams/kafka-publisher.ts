import type { Kafka } from 'kafkajs'
import type { OutRecord, Position } from './bus.ts'
import { createLane, type LaneOptions } from './kafka-lane.ts'
import type { LaneRecord } from './kafka-requests.ts'
import type { KafkaTopics, TopicFacts } from './kafka-topics.ts'
import { partitionOf } from './partitioner.ts'

export interface KafkaPublisher {
  /** As Bus.publish. Where `allowed` turns false, what is not yet on its way to the broker is given up. */
  publish(records: readonly OutRecord[], allowed?: () => boolean): Promise<Position[]>
  healthy(): boolean
  close(): Promise<void>
}

/** A record's length and checksum fields, offsets and timestamp, at most. */
const RECORD_OVERHEAD = 40

/**
 * Two producers. Topics that are only cut off get an idempotent one, which does not repeat a record after a lost
 * answer. Compacted topics get a plain one, where a repetition does no harm: of an idempotent producer's last batch
 * the broker keeps the empty shell when its records are compacted away, and kafkajs cannot read past such a shell.
 */
export function kafkaPublisher(
  kafka: Kafka,
  topics: Pick<KafkaTopics, 'facts'>,
  options: Omit<LaneOptions, 'idempotent'>,
): KafkaPublisher {
  const cut = createLane(kafka, { ...options, idempotent: true })
  const compacted = createLane(kafka, { ...options, idempotent: false })

  async function publish(records: readonly OutRecord[], allowed = always): Promise<Position[]> {
    const lanes = new Map([
      [cut, [] as { index: number; record: LaneRecord }[]],
      [compacted, []],
    ])
    const facts = new Map<string, TopicFacts>()
    // Looked up before the first append, so that calls reach the lanes in the order in which they were made.
    await Promise.all(
      [...new Set(records.map(({ topic }) => topic))].map(async (t) => facts.set(t, await topics.facts(t))),
    )
    for (const [index, record] of records.entries()) {
      const { partitions, cleanup } = facts.get(record.topic)!
      const lane = cleanup.includes('compact') ? compacted : cut
      lanes.get(lane)!.push({ index, record: laneRecord(record, partitions) })
    }
    const positions: Position[] = new Array(records.length)
    const sends = [...lanes].map(async ([lane, entries]) => {
      if (entries.length === 0) return
      const offsets = await lane.append(
        entries.map(({ record }) => record),
        allowed,
      )
      for (const [place, { index, record }] of entries.entries()) {
        positions[index] = { topic: record.topic, partition: record.partition, offset: offsets[place]! }
      }
    })
    // Both are awaited to their ends: a caller that tries again must not overtake what is still under way.
    const failed = (await Promise.allSettled(sends)).find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
    return positions
  }

  return {
    publish,
    healthy: () => cut.healthy() && compacted.healthy(),
    close: async () => void (await Promise.all([cut.close(), compacted.close()])),
  }
}

function laneRecord(
  { topic, key, value, headers = {}, partition }: OutRecord,
  partitions: number,
): LaneRecord {
  let bytes = RECORD_OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0)
  for (const [name, text] of Object.entries(headers)) bytes += 4 + 3 * (name.length + text.length)
  return {
    topic,
    partition: partition ?? partitionOf(key, partitions),
    key,
    value,
    headers,
    bytes,
  }
}

function always(): boolean {
  return true
}
