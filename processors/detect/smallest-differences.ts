import { canonical } from '../compare/canonical.ts'
import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'
import { blockText } from './blocks.ts'

/** A part of a list of blocks that is not the same; undefined where there is nothing on that side. */
export interface Difference {
  path: string
  before: Json | undefined
  after: Json | undefined
}

/**
 * The smallest parts in which two lists of blocks differ. Blocks with one id, name or ARN, or the only ones that are not the same,
 * are taken apart; any others came or went as a whole.
 */
export function smallestDifferences(path: string, before: Json[], after: Json[]): Difference[] {
  const gone = without(before, after)
  const came = without(after, before)
  const pairs = gone.flatMap((one): [Json, Json][] => {
    const other = came.find((each) => nameOf(each) !== null && nameOf(each) === nameOf(one))
    return other === undefined ? [] : [[one, other]]
  })
  const [alone, other] = [gone[0], came[0]]
  const lonely = pairs.length === 0 && gone.length === 1 && came.length === 1
  if (lonely && (nameOf(alone!) === null || nameOf(other!) === null)) pairs.push([alone!, other!])
  const paired = new Set(pairs.flat())
  return [
    ...pairs.flatMap(([one, two]) => inBlocks(`${path}[${before.indexOf(one)}]`, one, two)),
    ...whole(
      path,
      gone.filter((one) => !paired.has(one)),
      came.filter((one) => !paired.has(one)),
    ),
  ]
}

function inBlocks(path: string, before: Json, after: Json): Difference[] {
  if (!isObject(before) || !isObject(after)) return [{ path, before, after }]
  const fields = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...fields].flatMap((field) => inField(`${path}.${field}`, before[field], after[field]))
}

function inField(path: string, before: Json | undefined, after: Json | undefined): Difference[] {
  if (same(before, after)) return []
  if (Array.isArray(before) || Array.isArray(after)) {
    const [old, now] = [listOf(before), listOf(after)]
    // The order of a list within a block is not known.
    const single = old.length === 1 && now.length === 1 && isObject(old[0]) && isObject(now[0])
    return single
      ? inBlocks(`${path}[0]`, old[0]!, now[0]!)
      : whole(path, without(old, now), without(now, old))
  }
  if (isObject(before) || isObject(after)) return inBlocks(path, before ?? {}, after ?? {})
  return [{ path, before: set(before), after: set(after) }]
}

function whole(path: string, gone: Json[], came: Json[]): Difference[] {
  if (gone.length === 0 && came.length === 0) return []
  const some = (list: Json[]) => (list.length > 0 ? list : undefined)
  return [{ path, before: some(gone), after: some(came) }]
}

function same(one: Json | undefined, other: Json | undefined): boolean {
  return textOf(one) === textOf(other)
}

function textOf(value: Json | undefined): string {
  return blockText({ value: value ?? null })
}

function set(value: Json | undefined): Json | undefined {
  return canonical(value) === null ? undefined : value
}

/** In the order that they have. */
function without(list: readonly Json[], others: readonly Json[]): Json[] {
  const known = new Set(others.map(textOf))
  return list.filter((one) => !known.has(textOf(one)))
}

function nameOf(block: Json): string | null {
  const fields = isObject(block) ? block : ({} as JsonObject)
  const value =
    fields.id ?? fields.name ?? fields[Object.keys(fields).find((key) => key.endsWith('_arn')) ?? '']
  return canonical(value) === null ? null : String(value)
}

function listOf(value: Json | undefined): Json[] {
  if (Array.isArray(value)) return value
  return canonical(value) === null ? [] : [value!]
}
