import { sensitivePaths } from '../../../mappings/sensitive.ts'
import { hashValue, isHashed } from '../../../schemas/hashed-value.ts'
import { isMask } from '../../../schemas/mask.ts'
import { canonicalJson } from '../../canonical-json.ts'
import { isObject, type JsonObject } from '../../json.ts'
import { redact } from '../../redact.ts'
import type { PathStep, StateInstance } from './instance.ts'

/**
 * The attributes of an instance with everything sensitive replaced by its keyed hash: what the state marks, what the
 * provider declares, and what its name says. Throws TooDeepError.
 */
export function redactAttributes(instance: StateInstance, hashKey: Buffer): JsonObject {
  let attributes: unknown = instance.attributes
  for (const path of instance.sensitivePaths) attributes = hideAt(attributes, path, 0, hashKey)
  for (const path of sensitivePaths(instance.type))
    attributes = hideUnder(attributes, path.split('.'), 0, hashKey)
  return redact(attributes as JsonObject, (secret) => hashValue(hashKey, secret))
}

/** Exactly one place, as sensitive_attributes names it. */
function hideAt(value: unknown, path: readonly PathStep[], at: number, hashKey: Buffer): unknown {
  if (at === path.length) return hidden(value, hashKey)
  const step = path[at]!
  if (Array.isArray(value)) {
    return value.map((item, index) => (index === step ? hideAt(item, path, at + 1, hashKey) : item))
  }
  return isObject(value)
    ? replaced(value, String(step), (inner) => hideAt(inner, path, at + 1, hashKey))
    : value
}

/** Every place behind a path of names, whatever lists lie between. */
function hideUnder(value: unknown, path: readonly string[], at: number, hashKey: Buffer): unknown {
  if (at === path.length) return hidden(value, hashKey)
  if (Array.isArray(value)) return value.map((item) => hideUnder(item, path, at, hashKey))
  return isObject(value)
    ? replaced(value, path[at]!, (inner) => hideUnder(inner, path, at + 1, hashKey))
    : value
}

function replaced(object: JsonObject, key: string, change: (value: unknown) => unknown): JsonObject {
  return Object.hasOwn(object, key) ? { ...object, [key]: change(object[key]) } : object
}

/** What is not set stays so: there is nothing to hide, and it must still compare as not set. */
function hidden(value: unknown, hashKey: Buffer): unknown {
  const isUnset =
    value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)
  if (isUnset || isMask(value) || isHashed(value)) return value
  return hashValue(hashKey, typeof value === 'object' ? JSON.parse(canonicalJson(value)) : value)
}
