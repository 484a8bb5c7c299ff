import type { Write } from './store.ts'

/** By name and key: whether the row of the key has the name from now on. */
export type NameChanges = Map<string, Map<string, boolean>>

export function noteName(changes: NameChanges, name: string, key: string, has: boolean): void {
  const keys = changes.get(name)
  if (keys) keys.set(key, has)
  else changes.set(name, new Map([[key, has]]))
}

/** The writes that bring the lists of keys, one for each name, up to date. */
export async function nameWrites(
  getMany: (family: string, names: readonly string[]) => Promise<(Buffer | null)[]>,
  family: string,
  changes: NameChanges,
): Promise<Write[]> {
  const names = [...changes.keys()]
  const stored = await getMany(family, names)
  return names.map((name, index) => {
    const keys = new Set(keysOfList(stored[index]))
    for (const [key, has] of changes.get(name)!) {
      if (has) keys.add(key)
      else keys.delete(key)
    }
    return { family, key: name, value: keys.size > 0 ? Buffer.from(JSON.stringify([...keys].sort())) : null }
  })
}

/** A stored list of keys, in their order. */
export function keysOfList(stored: Buffer | null | undefined): string[] {
  return stored ? JSON.parse(stored.toString()) : []
}
