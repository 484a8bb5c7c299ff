import type { Fields } from '../../mappings/format.ts'
import { isHashed } from '../../schemas/hashed-value.ts'
import { canonical, canonicalText } from '../compare/canonical.ts'
import { isMasked } from '../compare/masked.ts'
import type { Json } from '../finding.ts'
import { isLeftOut } from '../left-out.ts'
import { isObject, readPath } from '../paths.ts'
import { firstOf } from '../template.ts'

/** The elements of an API's list (a bare object is a list of one) as Terraform's blocks. */
export function blocksOf(fields: Fields, list: Json): Json[] {
  return elementsOf(list).map((element) => blockOf(fields, isObject(element) ? element : { value: element }))
}

function blockOf(fields: Fields, element: Json): Json {
  const entries = Object.entries(fields).flatMap(([field, from]): [string, Json][] => {
    const read = (path: string) => firstOf(path, (one) => readPath(element, one))
    if (typeof from === 'string') return present(field, read(from))
    if ('pairs' in from) return present(field, mapOf(read(from.pairs)))
    if ('value' in from) return present(field, translated(read(from.value) ?? from.default, from.translate))
    const inner = readPath(element, from.each)
    return inner === undefined || inner === null ? [] : [[field, unordered(blocksOf(from.fields, inner))]]
  })
  return Object.fromEntries(entries)
}

function translated(value: Json | undefined, words: Record<string, Json> = {}): Json | undefined {
  return Object.hasOwn(words, String(value)) ? words[String(value)] : value
}

function mapOf(pairs: Json | undefined): Json | undefined {
  if (pairs === undefined) return undefined
  const list = elementsOf(pairs).filter(isObject)
  return Object.fromEntries(
    list.map((one) => [String(one.Key ?? one.key ?? one.name), String(one.Value ?? one.value ?? '')]),
  )
}

function present(field: string, value: Json | undefined): [string, Json][] {
  return value === undefined ? [] : [[field, unordered(value)]]
}

/** The state's blocks with only those fields: what the provider computes says nothing of the call. */
export function reduced(fields: Fields, state: Json | undefined): Json[] {
  return elementsOf(state ?? null).map((block) =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([field, from]): [string, Json][] => {
        const value = isObject(block) ? block[field] : undefined
        if (value === undefined) return []
        const nested = typeof from === 'object' && 'each' in from
        return [[field, unordered(nested ? reduced(from.fields, value) : value)]]
      }),
    ),
  )
}

function elementsOf(list: Json): Json[] {
  if (Array.isArray(list)) return list
  return canonical(list) === null ? [] : [list]
}

/** Within a block nothing has an order: most lists there are sets, and the provider sorts them as it likes. */
function unordered(value: Json): Json {
  if (!Array.isArray(value)) return value
  return [...value].sort((a, b) => (canonicalText(a) < canonicalText(b) ? -1 : 1))
}

/** One text for all blocks that Terraform would call equal: what is false or 0 is the same as unset. */
export function blockText(block: Json): string {
  return canonicalText(withoutUnset(block))
}

function withoutUnset(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutUnset)
  if (typeof value === 'string') return value.replace(computeHost, '')
  if (!isObject(value)) return value
  const set = Object.entries(value).filter(([, inner]) => {
    const plain = canonical(inner)
    return plain !== false && plain !== 0
  })
  return Object.fromEntries(set.map(([field, inner]) => [field, withoutUnset(inner)]))
}

/** Google's links and paths are one: the log has the paths. */
const computeHost = /^https:\/\/(www|compute)\.googleapis\.com\/compute\/\w+\/(?=projects\/)/

/** Does the event hide or leave out anything in it? */
export function hidesAny(value: Json): boolean {
  return isMasked(value) || isLeftOut(value) || parts(value).some(hidesAny)
}

/** Puts the keyed hash in the place of each secret, as the state does; a path is the fields' names with dots. */
export function sealed(value: Json, isSecret: (path: string) => boolean, hash: (value: Json) => Json): Json {
  return seal(value, '')

  function seal(one: Json, path: string): Json {
    if (Array.isArray(one)) return one.map((element) => seal(element, path))
    if (isObject(one)) {
      const inner = (field: string) => (path === '' ? field : `${path}.${field}`)
      return Object.fromEntries(Object.entries(one).map(([field, part]) => [field, seal(part, inner(field))]))
    }
    const kept = one === null || one === '' || isHashed(one) || isMasked(one) || !isSecret(path)
    return kept ? one : hash(one)
  }
}

/** Where the state holds hashes. */
export function hashedPaths(value: Json): Set<string> {
  const paths = new Set<string>()
  collect(value, '')
  return paths

  function collect(one: Json, path: string): void {
    if (isHashed(one)) paths.add(path)
    else if (Array.isArray(one)) for (const element of one) collect(element, path)
    else if (isObject(one))
      for (const [field, part] of Object.entries(one)) collect(part, path === '' ? field : `${path}.${field}`)
  }
}

/** Does the state hold only a hash of anything in it? */
export function hashesAny(value: Json): boolean {
  return isHashed(value) || parts(value).some(hashesAny)
}

function parts(value: Json): Json[] {
  if (Array.isArray(value)) return value
  return isObject(value) ? Object.values(value) : []
}
