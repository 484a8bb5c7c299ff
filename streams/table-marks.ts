import type { Store, Write } from './store.ts'
import type { NameChanges } from './table-names.ts'

/*
 * Of each mark the number of the rows that bear it is kept, and an entry for each of them, so that neither counting nor
 * listing some grows with their number.
 */

/** The writes that bring counts and entries up to date. */
export async function markWrites(store: Store, family: string, changes: NameChanges): Promise<Write[]> {
  const marks = [...changes.keys()]
  const stored = await store.getMany(family, marks)
  return marks.flatMap((mark, index): Write[] => {
    const { gained, lost } = changes.get(mark)!
    const count = countOf(stored[index]) + gained.length - lost.length
    const entry = (key: string, value: Buffer | null) => ({ family, key: `${mark}\0${key}`, value })
    return [
      { family, key: mark, value: count > 0 ? Buffer.from(String(count)) : null },
      ...lost.map((key) => entry(key, null)),
      ...gained.map((key) => entry(key, HERE)),
    ]
  })
}

/** How many rows bear each of the marks. */
export async function countMarks(store: Store, family: string, marks: readonly string[]): Promise<number[]> {
  return (await store.getMany(family, marks)).map(countOf)
}

/** The keys of the first rows that bear a mark, in their order. */
export async function listMarked(
  store: Store,
  family: string,
  mark: string,
  limit: number,
): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.iterate(family, { gte: `${mark}\0`, lt: `${mark}\x01`, limit })) {
    keys.push(key.subarray(Buffer.byteLength(mark) + 1).toString())
  }
  return keys
}

/** Not empty: an empty value could be taken for none. */
const HERE = Buffer.from('1')

function countOf(stored: Buffer | null | undefined): number {
  return stored ? Number(stored.toString()) : 0
}
