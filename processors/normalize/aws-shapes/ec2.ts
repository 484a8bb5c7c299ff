import type { Json, JsonObject } from '../../finding.ts'
import { isObject } from '../../paths.ts'
import { spreadAttribute } from './spread-attribute.ts'

const MAX_DEPTH = 100

/** EC2's parameters as its API names them. */
export function ec2Parameters(value: JsonObject): JsonObject {
  return spreadAttribute(asObject(unwrap(unwrapRequest(value), 0)), 'attribute', 'value')
}

/**
 * EC2 turns its query protocol into JSON: lists are {"items": [...]}, attribute values {"value": x}.
 * Newer operations wrap the whole request, keep the original case and number list elements with a `tag`; in their
 * answers, lists are {"item": x}, one element or several.
 */
function unwrap(value: Json, depth: number): Json {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => unwrap(item, depth + 1))
  const keys = Object.keys(value)
  if (keys.length === 1 && Array.isArray(value.items)) return unwrap(value.items, depth + 1)
  if (keys.length === 1 && keys[0] === 'item') return unwrap([value.item!].flat(), depth + 1)
  if (keys.length === 1 && keys[0] === 'value' && !isObject(value.value)) return value.value!
  return Object.fromEntries(keys.map((key) => [key, unwrap(value[key]!, depth + 1)]))
}

/** {"ModifyVolumeRequest": {"VolumeId": ...}} is {"volumeId": ...}. */
function unwrapRequest(value: JsonObject): JsonObject {
  const keys = Object.keys(value)
  const inner =
    keys.length === 1 && /^[A-Z]\w*(Request|Response)$/.test(keys[0]!) ? value[keys[0]!] : undefined
  return isObject(inner) ? asObject(lowerFirst(inner, 0)) : value
}

function lowerFirst(value: Json, depth: number): Json {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => lowerFirst(item, depth + 1))
  const entries = Object.entries(value).filter(
    ([key, inner]) => !(key === 'tag' && typeof inner === 'number'),
  )
  if (entries.length === 1 && entries[0]![0] === 'content') return lowerFirst(entries[0]![1], depth + 1)
  return Object.fromEntries(
    entries.map(([key, inner]) => [key.charAt(0).toLowerCase() + key.slice(1), lowerFirst(inner, depth + 1)]),
  )
}

function asObject(value: Json): JsonObject {
  return isObject(value) ? value : {}
}
