/**
 * The structured form of attributes as old states write them, `ingress.0.cidr_blocks.#`: `a.#` counts the elements
 * of a list or set, `a.%` the keys of a map. Sets come with hashes for indexes, and become lists in the order of
 * those. Scalars stay texts: only a schema could tell what they were.
 */
export function expandFlatmap(flat: Record<string, unknown>): Record<string, unknown> {
  return objectOf(Object.entries(flat), 0)
}

type Entry = [rest: string, value: unknown]

/** No schema is so deep; what claims to be must not overflow the stack. */
const MAX_DEPTH = 100

function objectOf(entries: Entry[], depth: number): Record<string, unknown> {
  return Object.fromEntries([...grouped(entries)].map(([key, inner]) => [key, nodeOf(inner, depth + 1)]))
}

function nodeOf(entries: Entry[], depth: number): unknown {
  if (depth > MAX_DEPTH) return null
  const [first] = entries
  if (entries.length === 1 && first![0] === '') return first![1]
  const elements = entries.filter(([rest]) => rest !== '' && rest !== '#' && rest !== '%')
  if (entries.some(([rest]) => rest === '%')) return Object.fromEntries(elements)
  if (!entries.some(([rest]) => rest === '#')) return objectOf(elements, depth)
  const groups = [...grouped(elements)]
  // Before Terraform 0.7 maps were counted with # as well.
  if (!groups.every(([key]) => /^~?\d+$/.test(key))) return Object.fromEntries(elements)
  return groups.sort(([a], [b]) => indexOf(a) - indexOf(b)).map(([, inner]) => nodeOf(inner, depth + 1))
}

/** `~` marks the hash of an element with parts that were not known. */
function indexOf(key: string): number {
  return Number(key.replace('~', ''))
}

function grouped(entries: Entry[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>()
  for (const [path, value] of entries) {
    const dot = path.indexOf('.')
    const key = dot === -1 ? path : path.slice(0, dot)
    const entry: Entry = [dot === -1 ? '' : path.slice(dot + 1), value]
    const group = groups.get(key)
    if (group) group.push(entry)
    else groups.set(key, [entry])
  }
  return groups
}
