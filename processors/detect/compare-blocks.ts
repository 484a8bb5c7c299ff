import type { Fields, Kind } from '../../mappings/format.ts'
import { canonical, canonicalText } from '../compare/canonical.ts'
import type { Comparison } from '../compare/compare.ts'
import type { Json, JsonObject } from '../finding.ts'
import { folded } from '../identity.ts'
import { isObject } from '../paths.ts'
import { blocksOf, blockText, hashedPaths, hashesAny, hidesAny, reduced, sealed } from './blocks.ts'
import { elementSlot } from './element-slot.ts'
import type { DetectContext } from './step.ts'

/** A list of blocks that a call sets as a whole, or in part. */
export interface BlockChange {
  attribute: string
  apiName: string
  fields: Fields
  /** The API's list. */
  event: Json
  /** The state's blocks. */
  state: Json | undefined
  /** Must what stands at this path of a block never be shown? */
  isSecret: (path: string) => boolean
  context: Pick<DetectContext, 'hash'>
}

/** The call sets the whole list: which blocks went, and which came. */
export function compareBlocks(change: BlockChange, kind: Kind | undefined): Comparison[] {
  const before = reduced(change.fields, change.state)
  const after = written(change, before)
  const base = { ...about(change, before, after), slot: change.attribute }
  if (hidesAny(after)) return [{ ...base, equal: false, sensitive: true, law: 'the event hides the value' }]
  const text = (block: Json) => folded(blockText(block), kind === 'any-case')
  if (kind === 'list') {
    const equal = JSON.stringify(before.map(text)) === JSON.stringify(after.map(text))
    return [{ ...base, equal, ...shown(base, equal, before, after) }]
  }
  const removed = without(before, after, text)
  const added = without(after, before, text)
  const [one, other] = [removed[0], added[0]]
  if (kind === 'places' && removed.length === 1 && added.length === 1 && isObject(one) && isObject(other))
    return compareFields(base, `${change.attribute}[${before.indexOf(one)}]`, one, other)
  const equal = removed.length === 0 && added.length === 0
  return [{ ...base, equal, ...shown(base, equal, removed, added) }]
}

/** What of a block has changed; all in the slot of the list, which later calls set as a whole. */
function compareFields(
  base: Omit<Comparison, 'equal'>,
  place: string,
  before: JsonObject,
  after: JsonObject,
): Comparison[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return fields.flatMap((field) => {
    const [oldValue, newValue] = [before[field], after[field]]
    if (blockText({ field: oldValue ?? null }) === blockText({ field: newValue ?? null })) return []
    const values = base.sensitive ? {} : { oldValue: unlessUnset(oldValue), newValue: unlessUnset(newValue) }
    return [{ ...base, attribute: `${place}.${field}`, equal: false, ...values }]
  })
}

function unlessUnset(value: Json | undefined): Json | undefined {
  return canonical(value) === null ? undefined : value
}

/** The call writes the blocks that it names, told apart by their key. */
export function upsertBlocks(change: BlockChange & { key: string }): Comparison[] {
  return eachKeyed(change, (before, element) => {
    // What the call does not say of a block stays.
    const after = { ...(before as object), ...(element as object) }
    return { equal: before !== undefined && blockText(before) === blockText(after), before, after }
  })
}

/** The call takes the blocks away that it names. */
export function dropBlocks(change: BlockChange & { key: string }): Comparison[] {
  return eachKeyed(change, (before) => ({ equal: before === undefined, before }))
}

function eachKeyed(
  change: BlockChange & { key: string },
  verdict: (
    before: Json | undefined,
    after: Json,
  ) => { equal: boolean; before: Json | undefined; after?: Json },
): Comparison[] {
  const held = reduced(change.fields, change.state)
  const keyOf = (block: Json) => canonicalText(isObject(block) ? block[change.key] : block)
  return written(change, held).map((element) => {
    const { equal, before, after } = verdict(
      held.find((block) => keyOf(block) === keyOf(element)),
      element,
    )
    const base = about(change, before ?? null, element)
    const slot = elementSlot(change.attribute, keyOf(element), { ...base, context: change.context })
    if (after !== undefined && hidesAny(after))
      return { ...base, slot, equal: false, sensitive: true, law: 'the event hides the value' }
    const list = (one: Json | undefined) => (one === undefined ? [] : [one])
    return { ...base, slot, equal, ...shown(base, equal, list(before), list(after)) }
  })
}

/** What the call sets, with hashes where the state would hold them. */
function written({ fields, event, isSecret, context }: BlockChange, before: Json[]): Json[] {
  const hashed = hashedPaths(before)
  const secret = (path: string) => isSecret(path) || hashed.has(path)
  return blocksOf(fields, event).map((block) => sealed(block, secret, (one) => context.hash?.(one) ?? '****'))
}

function about({ attribute, apiName }: BlockChange, before: Json, after: Json) {
  const sensitive = hashesAny(before) || hashesAny(after)
  return { attribute, apiName, law: 'same blocks', sensitive }
}

function shown({ sensitive }: { sensitive: boolean }, equal: boolean, before: Json[], after: Json[]) {
  if (equal || sensitive) return {}
  return {
    oldValue: before.length > 0 ? before : undefined,
    newValue: after.length > 0 ? after : undefined,
  }
}

function without(blocks: readonly Json[], others: readonly Json[], text: (block: Json) => string): Json[] {
  const known = new Set(others.map(text))
  const rest = blocks.filter((block) => !known.has(text(block)))
  return rest.sort((a, b) => (text(a) < text(b) ? -1 : 1))
}
