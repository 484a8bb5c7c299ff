import type { Json, JsonObject } from '../finding.ts'
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
  return step(attributes, path)
}

function step(value: Json | undefined, path: string): Json | undefined {
  if (path === '' || value === undefined) return value
  if (Array.isArray(value)) {
    const index = /^\[(\d+)\]\.?/.exec(path)
    if (index) return step(value[Number(index[1])], path.slice(index[0].length))
    return value.length === 1 ? step(value[0], path) : undefined
  }
  if (!isObject(value)) return undefined
  if (Object.hasOwn(value, path)) return value[path]
  for (let end = 1; end < path.length; end++) {
    const next = path[end]
    if (next !== '.' && next !== '[') continue
    const key = path.slice(0, end)
    if (!Object.hasOwn(value, key)) continue
    const found = step(value[key], path.slice(next === '.' ? end + 1 : end))
    if (found !== undefined) return found
  }
  return undefined
}
