import { type Document, isMap, isNode, isSeq, type Node } from 'yaml'

/**
 * The offset in the text of the value at a path, or of its key; where the path leads to nothing (a missing key),
 * of the innermost thing that is there.
 */
export function locate(document: Document, path: readonly PropertyKey[], onKey: boolean): number {
  let node: unknown = document.contents
  let at = start(node) ?? 0
  for (const [depth, step] of path.entries()) {
    if (isSeq(node)) {
      node = node.items[Number(step)]
    } else if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(key) === String(step))
      const last = depth === path.length - 1
      at = start(pair?.key) ?? at
      if (last && onKey) return at
      node = pair?.value
    } else {
      return at
    }
    at = start(node) ?? at
  }
  return at
}

function start(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined
}
