import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'

/** display_name → displayName */
export function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** A message with the names of its fields, at any depth, as the API's JSON has them. What is in maps is nobody's field. */
export function camelCased(body: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [camelCase(name), maps.test(name) ? value : inner(value)]),
  )
}

const maps = /(labels|annotations|variables|mapping|aliases|configs)$/i

function inner(value: Json): Json {
  if (Array.isArray(value)) return value.map(inner)
  return isObject(value) ? camelCased(value) : value
}
