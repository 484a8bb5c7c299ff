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
    for (const key of Object.keys(object)) {
      const wrapped = sight !== 'visible' && wrappers.has(key)
      const next = walk(object[key], wrapped ? sight : sightOf(object, key), depth + 1)
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
    const first = text.charCodeAt(0)
    if (first !== OPENING_BRACE && first !== OPENING_BRACKET) return text
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

const OPENING_BRACE = 0x7b
const OPENING_BRACKET = 0x5b

type Sight = 'visible' | 'secret' | 'user-data'

/** Boot scripts carry secrets; the provider's state mostly holds only their sha1, which may stay. */
const userData =
  /^((user|custom)[_-]?data(_?base64)?|(windows-)?(startup|shutdown|sysprep[\w-]*)-script[\w-]*|ssh-?keys)$/i
const sha1 = /^[0-9a-f]{40}$/

function sightOf(object: JsonObject, key: string): Sight {
  for (const nameKey of nameOfValue.get(key) ?? []) {
    const name = object[nameKey]
    if (typeof name === 'string') return sightOfName(name)
  }
  return sightOfName(key)
}

/**
 * {name: DB_PASSWORD, value: …}, as environments, tags and parameters are written: by the key of the value, the keys
 * under which its name may stand.
 */
const nameOfValue = new Map([
  ['value', ['name', 'key', 'attribute']],
  ['Value', ['Name', 'Key', 'Attribute']],
  ['parameterValue', ['parameterName', 'parameterKey']],
])

const sights = new Map<string, Sight>()
/** Names are few, but tags and environments may hold any. */
const MAX_SIGHTS = 20_000

function sightOfName(name: string): Sight {
  let sight = sights.get(name)
  if (sight === undefined) {
    if (sights.size >= MAX_SIGHTS) sights.clear()
    sight = isSensitiveName(name) ? 'secret' : userData.test(name) ? 'user-data' : 'visible'
    sights.set(name, sight)
  }
  return sight
}

/** CloudTrail's own wrappings of one value or of a list: what they hold has the name of what holds them. */
const wrappers = new Set(['value', 'Value', 'items', 'item', 'content'])
