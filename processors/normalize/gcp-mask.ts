import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'
import { camelCase } from './gcp-camel-case.ts'

/**
 * The body as its update mask means it: of the object that is updated only the fields that the mask names, and null
 * for those that it names and that are not there, as they are reset. That object is the only one in the body; where
 * there is none, the body itself.
 */
export function applyMask({ updateMask, ...body }: JsonObject): JsonObject {
  const mask = pathsOf(updateMask)
  if (mask.length === 0 || mask.some(([first]) => first === '*')) return body
  const objects = Object.entries(body).filter(([, value]) => isObject(value))
  const [only] = objects
  if (only === undefined) return { ...body, ...named(body, mask) }
  if (objects.length > 1) return { ...body, updateMask: updateMask! }
  const [name, value] = only
  const first = mask.every((parts) => parts[0] === name && parts.length > 1)
  return { ...body, [name]: named(object(value), first ? mask.map((parts) => parts.slice(1)) : mask) }
}

/** A text with commas, or `{ paths: [...] }`; its names may have underscores. */
function pathsOf(mask: Json | undefined): string[][] {
  const paths = typeof mask === 'string' ? mask.split(',') : isObject(mask) ? mask.paths : mask
  return (Array.isArray(paths) ? paths : [])
    .map((path) => String(path).trim())
    .filter((path) => path !== '')
    .map((path) => path.split('.').map(camelCase))
}

function named(value: JsonObject, mask: readonly string[][]): JsonObject {
  const fields = [...new Set(mask.map(([field]) => field!))]
  return Object.fromEntries(
    fields.map((field) => {
      const below = mask.filter((parts) => parts[0] === field).map((parts) => parts.slice(1))
      const whole = below.some((parts) => parts.length === 0)
      return [field, whole ? (value[field] ?? null) : named(object(value[field]), below)]
    }),
  )
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}
