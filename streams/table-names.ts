import type { Store, Write } from './store.ts'

/** By name: the keys of the rows that get it and lose it. */
export type NameChanges = Map<string, { gained: string[]; lost: string[] }>

export function changeOf(changes: NameChanges, name: string): { gained: string[]; lost: string[] } {
  let change = changes.get(name)
  if (!change) {
    change = { gained: [], lost: [] }
    changes.set(name, change)
  }
  return change
}

/** The writes that bring the lists of keys, one for each name, up to date. */
export async function nameWrites(store: Store, family: string, changes: NameChanges): Promise<Write[]> {
  const stored = await store.getMany(family, [...changes.keys()])
  const writes: Write[] = []
  for (const [name, { gained, lost }] of changes) {
    const old = stored[writes.length]
    const keys = old || gained.length > 1 ? merged(keysOfList(old), gained, lost) : gained
    writes.push({ family, key: name, value: keys.length > 0 ? Buffer.from(JSON.stringify(keys)) : null })
  }
  return writes
}

function merged(old: readonly string[], gained: readonly string[], lost: readonly string[]): string[] {
  const keys = new Set(old)
  for (const key of lost) keys.delete(key)
  for (const key of gained) keys.add(key)
  return [...keys].sort()
}

/** A stored list of keys, in their order. */
export function keysOfList(stored: Buffer | null | undefined): string[] {
  return stored ? JSON.parse(stored.toString()) : []
}
