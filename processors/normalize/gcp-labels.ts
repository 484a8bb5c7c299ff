import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'

/** The body with its maps of labels as the API has them: the log of Compute Engine writes lists of key and value. */
export function withLabelMaps(body: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      /[lL]abels$/.test(name) && isPairs(value) ? mapOf(value) : inner(value),
    ]),
  )
}

function inner(value: Json): Json {
  if (Array.isArray(value)) return value.map(inner)
  return isObject(value) ? withLabelMaps(value) : value
}

function isPairs(value: Json): value is JsonObject[] {
  return Array.isArray(value) && value.every(isPair)
}

function isPair(one: Json): boolean {
  if (!isObject(one) || typeof one.key !== 'string') return false
  return Object.keys(one).every((name) => name === 'key' || name === 'value')
}

function mapOf(pairs: readonly JsonObject[]): JsonObject {
  return Object.fromEntries(pairs.map(({ key, value }) => [String(key), value ?? '']))
}
