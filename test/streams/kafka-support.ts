import { randomUUID } from 'node:crypto'
import type { Bus, InRecord, OutRecord } from '../../streams/bus.ts'
import { type KafkaBusOptions, kafkaBus } from '../../streams/kafka-bus.ts'
import type { Logger } from '../../streams/logger.ts'
import { available } from '../services/available.ts'

export const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** For what takes seconds, on a busy machine. */
export const SLOW = { timeout: 120_000 }

/** A bus on the broker of this run, unless told otherwise. */
export function openBus(options: Partial<KafkaBusOptions> = {}): Promise<Bus> {
  const brokers = available().kafka?.brokers ?? []
  return kafkaBus({ clientId: 'test', brokers, log: silent, sessionTimeoutMs: 3_000, ...options })
}

/** Creates a topic and returns its name. */
export async function newTopic(
  bus: Bus,
  { partitions = 1, cleanup = 'delete' }: { partitions?: number; cleanup?: 'delete' | 'compact' } = {},
): Promise<string> {
  const name = `topic-${randomUUID()}`
  await bus.ensureTopics([{ name, partitions, cleanup }])
  return name
}

/** `count` records with the values 0, 1, 2, ... (from `first` on), spread over ten keys. */
export function numbered(topic: string, count: number, first = 0): OutRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    topic,
    key: Buffer.from(`key-${(first + index) % 10}`),
    value: Buffer.from(String(first + index)),
  }))
}

/** Everything that a topic holds now. */
export async function readAll(bus: Bus, topic: string): Promise<InRecord[]> {
  const records: InRecord[] = []
  const tail = await bus.tail({ topics: [topic], from: () => 0 }, async (batch) => {
    records.push(...batch.records)
  })
  await tail.caughtUp()
  await tail.stop()
  return records
}

/** The values of `numbered`, as they are met. */
export function numbers(records: readonly { value: Buffer | null }[]): number[] {
  return records.map(({ value }) => Number(value))
}

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}
