import type { Fields } from '../../mappings/format.ts'
import type { Kind } from '../../mappings/kind.ts'
import { canonicalText } from '../compare/canonical.ts'
import type { Comparison } from '../compare/compare.ts'
import type { Json } from '../finding.ts'
import { folded } from '../identity.ts'
import { isObject } from '../paths.ts'
import { blocksOf, blockText, hashedPaths, hashesAny, hidesAny, reduced, sealed } from './blocks.ts'
import { elementSlot } from './element-slot.ts'
import { smallestDifferences } from './smallest-differences.ts'
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
  if (kind === 'blocks') return smallest(change, before, after)
  if (hidesAny(after)) return [hidden(base)]
  const text = (block: Json) => folded(blockText(block), kind === 'any-case')
  if (kind === 'list') {
    const equal = JSON.stringify(before.map(text)) === JSON.stringify(after.map(text))
    return [{ ...base, equal, ...shown(base, equal, before, after) }]
  }
  const removed = without(before, after, text)
  const added = without(after, before, text)
  const equal = removed.length === 0 && added.length === 0
  return [{ ...base, equal, ...shown(base, equal, removed, added) }]
}

/** Of a list of blocks, where one is told from another, what differs in them; all in one slot, that of the list. */
function smallest(change: BlockChange, before: Json[], after: Json[]): Comparison[] {
  const { attribute } = change
  const base = { ...about(change, before, after), slot: attribute }
  const differences = smallestDifferences(attribute, before, after)
  if (differences.length === 0) return [{ ...base, equal: true }]
  return differences.map((one) => {
    const sensitive = [one.before, one.after].some((side = null) => hashesAny(side) || hidesAny(side))
    const values = sensitive ? {} : { oldValue: one.before, newValue: one.after }
    return { ...base, attribute: one.path, equal: false, sensitive, ...values }
  })
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
    if (after !== undefined && hidesAny(after)) return hidden({ ...base, slot })
    const list = (one: Json | undefined) => (one === undefined ? [] : [one])
    const whole = after === undefined && { event: undefined }
    return { ...base, ...whole, slot, equal, ...shown(base, equal, list(before), list(after)) }
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
  return {
    attribute,
    apiName,
    law: 'same blocks',
    sensitive,
    ...(!sensitive && { state: before ?? undefined, event: after }),
  }
}

function hidden({
  attribute,
  apiName,
  slot,
}: {
  attribute: string
  apiName: string
  slot: string
}): Comparison {
  return { attribute, apiName, slot, equal: false, sensitive: true, law: 'the event hides the value' }
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
