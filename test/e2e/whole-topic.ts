import { randomUUID } from 'node:crypto'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import kafkajs, { type Admin } from 'kafkajs'
import { available } from '../services/available.ts'

const DEADLINE_MS = 60_000

export interface WholeTopicRecord {
  partition: number
  offset: number
  key: string
  value: Buffer | null
}

/** Everything that a topic holds now, read by a consumer that knows nothing of this project. */
export async function wholeTopic(topic: string): Promise<WholeTopicRecord[]> {
  const client = stranger()
  const ends = await withAdmin((admin) => admin.fetchTopicOffsets(topic))
  const missing = new Map(
    ends.filter(({ low, high }) => low !== high).map((end) => [end.partition, end.high]),
  )
  const records: WholeTopicRecord[] = []
  if (missing.size === 0) return records
  const consumer = client.consumer({ groupId: `stranger-${randomUUID()}`, maxWaitTimeInMs: 200 })
  await consumer.connect()
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`${topic}: only ${records.length} records`)),
        DEADLINE_MS,
      )
      const eachMessage: kafkajs.EachMessageHandler = async ({ partition, message }) => {
        const { key, value, offset } = message
        const end = missing.get(partition)
        if (end && BigInt(offset) < BigInt(end)) {
          records.push({ partition, offset: Number(offset), key: key?.toString() ?? '', value })
        }
        if (!end || BigInt(offset) < BigInt(end) - 1n) return
        missing.delete(partition)
        if (missing.size > 0) return
        clearTimeout(late)
        resolve()
      }
      consumer.run({ eachMessage }).catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
  return records
}

/** What a compacted topic amounts to: the value of the newest record of each key that is not a tombstone. */
export function foldOf(records: readonly WholeTopicRecord[]): Map<string, Buffer> {
  const newest = new Map<string, WholeTopicRecord>()
  for (const record of records) {
    const known = newest.get(record.key)
    if (!known || known.offset < record.offset) newest.set(record.key, record)
  }
  return new Map([...newest].flatMap(([key, { value }]) => (value ? [[key, value]] : [])))
}

/** Decodes values as the registry's own client does. */
export async function decodedByStranger<T>(values: readonly (Buffer | null)[]): Promise<T[]> {
  const registry = new SchemaRegistry({ host: available().registry!.url })
  return Promise.all(values.map((value) => registry.decode(value!) as Promise<T>))
}

/** How far a group still has to read a topic. */
export async function lagOf(group: string, topic: string): Promise<number> {
  return withAdmin(async (admin) => {
    const [ends, [committed]] = await Promise.all([
      admin.fetchTopicOffsets(topic),
      admin.fetchOffsets({ groupId: group, topics: [topic] }),
    ])
    const reached = new Map(committed!.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    // Without a commit, -1: from the beginning.
    return ends.reduce(
      (sum, { partition, low, high }) =>
        sum + Number(high) - Math.max(Number(low), reached.get(partition) ?? -1),
      0,
    )
  })
}

async function withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = stranger().admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

function stranger(): kafkajs.Kafka {
  return new kafkajs.Kafka({ brokers: available().kafka!.brokers, logLevel: kafkajs.logLevel.NOTHING })
}
