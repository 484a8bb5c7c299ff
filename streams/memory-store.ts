import { createSortedKeys, type SortedKeys } from './sorted-keys.ts'
import { type Key, type KeyRange, type RangeDelete, type Store, StoreError, type Write } from './store.ts'

/** A store that lives as long as the process. Values are kept as they are handed over: do not change them afterwards. */
export function memoryStore(families: readonly string[]): Store {
  const held = new Map<string, Family>(
    families.map((family) => [family, { values: new Map(), keys: createSortedKeys() }]),
  )
  let closed = false

  function familyOf(family: string): Family {
    if (closed) throw new StoreError('UNKNOWN', 'the store is closed')
    const found = held.get(family)
    if (!found) throw new StoreError('UNKNOWN', `the store was opened without the family ${family}`)
    return found
  }

  async function getMany(family: string, keys: readonly Key[]): Promise<(Buffer | null)[]> {
    const { values } = familyOf(family)
    return keys.map((key) => values.get(bytesOf(key)) ?? null)
  }

  async function apply(writes: readonly (Write | RangeDelete)[]): Promise<void> {
    const targets = writes.map((write) => familyOf(write.family))
    for (const [index, write] of writes.entries()) change(targets[index]!, write)
  }

  async function* iterate(
    family: string,
    range: KeyRange = {},
  ): AsyncGenerator<{ key: Buffer; value: Buffer }> {
    const { keys, values } = familyOf(family)
    const { gte = '', lt, reverse = false, limit = Number.POSITIVE_INFINITY } = range
    const found = keys.slice({ gte: bytesOf(gte), lt: lt === undefined ? lt : bytesOf(lt), reverse, limit })
    const rows = found.map((key) => ({ key, value: values.get(key)! }))
    for (const { key, value } of rows) yield { key: Buffer.from(key, 'latin1'), value }
  }

  async function close(): Promise<void> {
    closed = true
  }

  return { getMany, apply, iterate, close }
}

/** Keys are kept as strings of one code unit a byte, whose order is the order of the bytes. */
interface Family {
  values: Map<string, Buffer>
  keys: SortedKeys
}

function change({ keys, values }: Family, write: Write | RangeDelete): void {
  if ('lt' in write) {
    const range = {
      gte: bytesOf(write.gte),
      lt: bytesOf(write.lt),
      reverse: false,
      limit: Number.POSITIVE_INFINITY,
    }
    for (const key of keys.slice(range)) {
      keys.delete(key)
      values.delete(key)
    }
    return
  }
  const key = bytesOf(write.key)
  if (write.value === null) {
    keys.delete(key)
    values.delete(key)
  } else {
    if (!values.has(key)) keys.add(key)
    values.set(key, write.value)
  }
}

function bytesOf(key: Key): string {
  return (typeof key === 'string' ? Buffer.from(key) : key).toString('latin1')
}
