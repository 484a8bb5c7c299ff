import { LOG, offsetOfKey, recordKey, timestampOf } from './embedded-format.ts'
import type { Partition } from './embedded-topics.ts'
import type { Store } from './store.ts'

/** The first offset of a partition whose record is of this time or later; its end if there is none. */
export async function offsetAt(store: Store, partition: Partition, time: number): Promise<number> {
  let { low, high } = partition
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const first = await firstFrom(store, partition, middle)
    if (first && first.timestamp < time) low = first.offset + 1
    else high = middle
  }
  return low
}

async function firstFrom(store: Store, { prefix, high }: Partition, from: number) {
  const range = { gte: recordKey(prefix, from), lt: recordKey(prefix, high), limit: 1 }
  for await (const { key, value } of store.iterate(LOG, range)) {
    return { offset: offsetOfKey(key), timestamp: timestampOf(value) }
  }
  return null
}
