import type { Json, JsonObject } from '../finding.ts'
import { glob, isGlob } from '../glob.ts'
import { isObject } from '../paths.ts'

/** Is `path` the same attribute as `of`, or a part of it? tags.Env of tags, metadata_options[0].x of metadata_options. */
export function isWithin(path: string, of: string): boolean {
  if (!path.startsWith(of)) return false
  const next = path[of.length]
  return next === undefined || next === '.' || next === '['
}

/** metadata_options[0].http_tokens as people write it: metadata_options.http_tokens. */
export function withoutIndexes(path: string): string {
  return path.includes('[') ? path.replaceAll(/\[\d+\]/g, '') : path
}

/**
 * The value at a Terraform path; undefined where it leads nowhere. Keys may hold dots (tags.kubernetes.io/name), and
 * the index of a block that occurs once may be left out.
 */
export function attributeAt(attributes: JsonObject, path: string): Json | undefined {
  return valuesAt(attributes, path)[0]
}

/**
 * The values at a path: none where it leads nowhere, and several where it has wildcards: `[*]` is every element of a
 * list, and a `*` in a key stands for any characters but dots and brackets; `tags.*` takes keys with dots as well.
 */
export function valuesAt(value: Json | undefined, path: string): Json[] {
  if (value === undefined) return []
  if (path === '') return [value]
  if (Array.isArray(value)) return inList(value, path)
  return isObject(value) ? inMap(value, path) : []
}

function inList(list: Json[], path: string): Json[] {
  const index = /^\[(\d+|\*)\]\.?/.exec(path)
  if (!index) return list.length === 1 ? valuesAt(list[0], path) : []
  const rest = path.slice(index[0].length)
  return index[1] === '*'
    ? list.flatMap((one) => valuesAt(one, rest))
    : valuesAt(list[Number(index[1])], rest)
}

function inMap(map: JsonObject, path: string): Json[] {
  if (Object.hasOwn(map, path)) return [map[path]!]
  const [first = ''] = /^[^.[]*/.exec(path)!
  if (isGlob(first)) {
    const matches = glob(first)
    const rest = path.slice(path[first.length] === '.' ? first.length + 1 : first.length)
    return Object.keys(map).flatMap((key) => (matches(key) ? valuesAt(map[key], rest) : []))
  }
  for (let end = 1; end < path.length; end++) {
    const next = path[end]
    if (next !== '.' && next !== '[') continue
    const key = path.slice(0, end)
    if (!Object.hasOwn(map, key)) continue
    const found = valuesAt(map[key], path.slice(next === '.' ? end + 1 : end))
    if (found.length > 0) return found
  }
  return []
}
