import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'

const MAX_DEPTH = 100

/** Takes the wrappers of the service's wire format off, so that mappings see the parameters as the API names them. */
export function plainParameters(service: string, value: Json | undefined): JsonObject {
  if (!isObject(value)) return {}
  if (service === 'sns.amazonaws.com') return spreadAttribute(value, 'attributeName', 'attributeValue')
  if (service === 's3.amazonaws.com') return plainBody(value)
  if (service === 'es.amazonaws.com') return listed(value, 'logPublishingOptions', 'logType')
  if (service !== 'ec2.amazonaws.com') return value
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

/**
 * S3 mixes the query, headers and the XML body. Older records have a list for each name of the query and each header;
 * a body without anything in it is an empty text.
 */
function plainBody(request: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(request).map(([name, value]) => {
      if (Array.isArray(value) && value.length === 1 && !isObject(value[0])) return [name, value[0]!]
      return value === '' && /^([A-Z]\w*)?(Configuration|Status|Policy|Controls|Tagging)$/.test(name)
        ? [name, {}]
        : [name, value]
    }),
  )
}

/** {"attribute": "instanceType", "value": "t3.small"} is {"instanceType": "t3.small"}. */
function spreadAttribute(request: JsonObject, nameKey: string, valueKey: string): JsonObject {
  const { [nameKey]: name, [valueKey]: value, ...rest } = request
  return typeof name === 'string' && value !== undefined ? { ...rest, [name]: value } : request
}

/** A map of blocks as the list of them that Terraform has: {"AUDIT_LOGS": {...}} is [{"logType": "AUDIT_LOGS", ...}]. */
function listed(request: JsonObject, name: string, keyName: string): JsonObject {
  const map = request[name]
  if (!isObject(map) || map.omitted === true) return request
  const list = Object.entries(map).map(([key, block]) => ({ ...asObject(block), [keyName]: key }))
  return { ...request, [name]: list }
}

function asObject(value: Json): JsonObject {
  return isObject(value) ? value : {}
}
