import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'

/** display_name → displayName */
export function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** A message with the names of its fields, at any depth, as the API's JSON has them. */
export function camelCased(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [camelCase(name), inner(value)]))
}

function inner(value: Json): Json {
  if (Array.isArray(value)) return value.map(inner)
  return isObject(value) ? camelCased(value) : value
}
