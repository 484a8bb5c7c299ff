import type { Batch, Bus, TailOptions } from '../../streams/bus.ts'
import type { TableRecord } from '../../streams/table.ts'

/** A log of one topic whose tail reads only when it is told to. */
export interface ManualBus extends Pick<Bus, 'clusterId' | 'offsets' | 'tail'> {
  cluster: string
  /** By partition, by offset. */
  log: TableRecord[][]
  append(partition: number, key: string | null, value: string | null): TableRecord
  /** The next offset that the tail reads, by partition. */
  next: number[]
  /** Hands over what is between the tail's place and this offset, but for what `without` says. */
  deliver(partition: number, to?: number, without?: (record: TableRecord) => boolean): Promise<void>
  /** The options that the tail was last started with. */
  tailOptions: TailOptions | undefined
}

export function manualBus(topic: string, partitions: number): ManualBus {
  let apply: (batch: Batch) => Promise<void> = async () => {}
  const bus: ManualBus = {
    cluster: 'cluster-1',
    log: Array.from({ length: partitions }, () => []),
    next: [],
    tailOptions: undefined,
    append(partition, key, value) {
      const records = bus.log[partition]!
      const record = {
        partition,
        offset: records.length,
        key: key === null ? null : Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
      }
      records.push(record)
      return record
    },
    async deliver(partition, to = bus.log[partition]!.length, without = () => false) {
      const records = bus.log[partition]!.slice(bus.next[partition], to).filter((record) => !without(record))
      bus.next[partition] = Math.max(bus.next[partition]!, to)
      if (records.length === 0) return
      const full = records.map((record) => ({ ...record, topic, headers: {}, timestamp: 0 }))
      await apply({ topic, partition, records: full, high: bus.log[partition]!.length })
    },
    clusterId: async () => bus.cluster,
    offsets: async (name) =>
      name === topic ? bus.log.map(({ length }, partition) => ({ partition, low: 0, high: length })) : [],
    async tail(options, applyBatch) {
      apply = applyBatch
      bus.tailOptions = options
      bus.next = bus.log.map((_, partition) => options.from(topic, partition))
      return {
        caughtUp: async () => {
          for (const partition of bus.log.keys()) await bus.deliver(partition)
        },
        stop: async () => {},
      }
    },
  }
  return bus
}
