import { hashValue, isHashed } from '../schemas/hashed-value.ts'
import { isMask } from '../schemas/mask.ts'
import { isSensitiveName } from '../schemas/sensitive-name.ts'
import { type JsonObject, parseJson } from './json.ts'

/** Deeper than any audit record or state attribute; beyond it JSON.stringify would overflow the stack. */
const MAX_DEPTH = 200

export class TooDeepError extends Error {
  override name = 'TooDeepError'
  constructor() {
    super(`nested deeper than ${MAX_DEPTH} levels`)
  }
}

/** The event with every secret in it replaced by its keyed hash; what the cloud has masked stays masked. */
export function redactEvent<T>(record: T, hashKey: Buffer): T {
  return redact(record, (secret) => hashValue(hashKey, secret))
}

/**
 * The value with the strings under sensitive names replaced, at any depth, also inside texts that are JSON and in
 * {name, value} pairs. Copies only what changes. Throws TooDeepError.
 */
export function redact<T>(value: T, replace: (secret: string) => string): T {
  return walk(value, 'visible', 0) as T

  function walk(current: unknown, sight: Sight, depth: number): unknown {
    if (typeof current === 'string')
      return sight === 'visible' ? inJson(current, depth) : hide(current, sight)
    if (typeof current !== 'object' || current === null) return current
    if (depth >= MAX_DEPTH) throw new TooDeepError()
    return Array.isArray(current)
      ? inList(current, sight, depth)
      : inObject(current as JsonObject, sight, depth)
  }

  function inList(list: unknown[], sight: Sight, depth: number): unknown[] {
    let copy: unknown[] | null = null
    for (let i = 0; i < list.length; i++) {
      const next = walk(list[i], sight, depth + 1)
      if (next === list[i]) continue
      copy ??= [...list]
      copy[i] = next
    }
    return copy ?? list
  }

  function inObject(object: JsonObject, sight: Sight, depth: number): JsonObject {
    let copy: JsonObject | null = null
    const paired = secretOfPair(object)
    for (const key of Object.keys(object)) {
      const wrapped = sight !== 'visible' && wrappers.has(key)
      const next = walk(object[key], wrapped ? sight : key === paired ? 'secret' : sightOf(key), depth + 1)
      if (next === object[key]) continue
      copy ??= { ...object }
      copy[key] = next
    }
    return copy ?? object
  }

  function hide(text: string, sight: Sight): string {
    if (text === '' || isMask(text) || isHashed(text)) return text
    return sight === 'user-data' && sha1.test(text) ? text : replace(text)
  }

  function inJson(text: string, depth: number): string {
    if (text[0] !== '{' && text[0] !== '[') return text
    let parsed: unknown
    try {
      parsed = parseJson(text)
    } catch {
      return text
    }
    const redacted = walk(parsed, 'visible', depth + 1)
    return redacted === parsed ? text : JSON.stringify(redacted)
  }
}

type Sight = 'visible' | 'secret' | 'user-data'

/** Boot scripts carry secrets; the provider's state mostly holds only their sha1, which may stay. */
const userData = /^user_?data(_?base64)?$/i
const sha1 = /^[0-9a-f]{40}$/

function sightOf(name: string): Sight {
  return isSensitiveName(name) ? 'secret' : userData.test(name) ? 'user-data' : 'visible'
}

/** CloudTrail's own wrappings of one value or of a list: what they hold has the name of what holds them. */
const wrappers = new Set(['value', 'Value', 'items', 'item', 'content'])

const pairs = [
  ['name', 'value'],
  ['Name', 'Value'],
  ['key', 'value'],
  ['Key', 'Value'],
  ['parameterName', 'parameterValue'],
  ['parameterKey', 'parameterValue'],
] as const

/** Of {name: DB_PASSWORD, value: …} (environments, tags, parameters) the key that holds the secret. */
function secretOfPair(object: JsonObject): string | null {
  for (const [nameKey, valueKey] of pairs) {
    const name = object[nameKey]
    if (typeof name === 'string' && valueKey in object && isSensitiveName(name)) return valueKey
  }
  return null
}
