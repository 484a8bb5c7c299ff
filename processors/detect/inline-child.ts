import type { Holds, Inline } from '../../mappings/format.ts'
import { isHashed } from '../../schemas/hashed-value.ts'
import { canonical, canonicalText } from '../compare/canonical.ts'
import { type Comparison, compare } from '../compare/compare.ts'
import { grantsOf } from '../compare/iam-policy.ts'
import { lastSegment } from '../compare/reference.ts'
import type { CloudCall, Json, JsonObject, StateRow } from '../finding.ts'
import { folded } from '../identity.ts'
import { isObject, readPath } from '../paths.ts'
import { elementSlot } from './element-slot.ts'
import { mostDifferent } from './most-different.ts'
import type { DetectContext, Draft, Target } from './step.ts'
import { type Values, valuesOf } from './values.ts'

/** What a call does to one child. */
export interface Child {
  context: DetectContext
  values: Values
  base: Draft
  rows: StateRow[]
  /** The rows that hold such children inline. */
  parent: InlineParent | null
}

export interface InlineParent {
  where: Inline
  target: Target
  rows: StateRow[]
}

/** The child was written: is it so in the attribute of its parent? */
export function putInline(child: Child, parent: InlineParent): Draft {
  const { where } = parent
  if (tellsElement(where, child.values)) return inline(child, parent, (row) => put(row, child, where))
  const unseen = (row: StateRow) => ({
    ...slotOf(row, child, where, elementOf(where, child.values)),
    attribute: '',
    equal: false,
    law: 'not compared',
  })
  return { ...inline(child, parent, unseen), compared: false }
}

/** The child was taken away: was it in the attribute of its parent? */
export function removeInline(child: Child, parent: InlineParent): Draft {
  return inline(child, parent, (row) => takeAway(row, child, parent.where))
}

/** A verdict on the parent, in whose attribute the child stands. */
function inline(child: Child, parent: InlineParent, change: (row: StateRow) => Comparison): Draft {
  const { row, others, comparisons } = mostDifferent(parent.rows, (candidate) => [change(candidate)])
  return {
    ...child.base,
    resourceType: parent.target.type,
    id: row.id || parent.target.id,
    childType: child.base.resourceType,
    scope: parent.target.scope,
    row,
    others,
    comparisons,
    reason: comparisons.every(({ equal }) => equal) ? 'as-declared' : null,
  }
}

/** Does the call say more of the child than its name, where there is more? Azure's records may not. */
function tellsElement({ element, key, nameIsAll }: Inline, values: Values): boolean {
  if (typeof element !== 'object' || nameIsAll) return true
  return Object.entries(element).some(([field, path]) => field !== key && values.read(path) !== undefined)
}

/** All children of a resource are in the call: those that its row holds inline, each against each. */
export function compareHeld(
  row: StateRow,
  call: CloudCall,
  { type, list, ...rest }: Holds,
  context: DetectContext,
): Comparison[] {
  const where = { ...rest, type: row.type, id: '', partial: false }
  const named = { context, base: { resourceType: type } }
  const children = valuesOf(call, { each: list }).map((values) => ({ ...named, values }))
  const keys = new Set(children.map(({ values }) => keyText(elementOf(where, values), where, named)))
  const gone = heldIn(row, where).filter((one) => !keys.has(keyText(one, where, named)))
  return [
    ...children.map((child) => put(row, child, where)),
    ...gone.map((one) => difference(slotOf(row, named, where, one), false, one, undefined)),
  ]
}

/** What is needed of a child to find it among others. */
interface Named {
  context: DetectContext
  base: Pick<Draft, 'resourceType'>
}

function put(row: StateRow, child: Named & { values: Values }, where: Inline): Comparison {
  if (where.element === undefined)
    return whole(row, child, where, child.values.read(where.value ?? '') ?? null)
  const element = elementOf(where, child.values)
  const before = find(row, where, element, child)
  const equal = before !== undefined && (where.key === undefined || sameElement(before, element, child))
  return difference(slotOf(row, child, where, element), equal, before, inFormOf(before, element))
}

function takeAway(row: StateRow, child: Child, where: Inline): Comparison {
  if (where.element === undefined) return whole(row, child, where, null)
  const element = elementOf(where, child.values)
  const before = find(row, where, element, child)
  return difference(slotOf(row, child, where, element), before === undefined, before, undefined)
}

/** A child as the state has it beside what the call makes of it; undefined where there is none. */
function difference(
  slot: ReturnType<typeof slotOf>,
  equal: boolean,
  state: Json | undefined,
  event: Json | undefined,
): Comparison {
  const listed = (value: Json | undefined) => (value === undefined ? undefined : [value])
  return {
    ...slot,
    equal,
    ...(!equal && { oldValue: listed(state), newValue: listed(event) }),
    ...(!slot.sensitive && { state, event }),
  }
}

/** The attribute is one value, not a set of children. */
function whole(
  row: StateRow,
  child: Pick<Child, 'context' | 'values'>,
  where: Inline,
  value: Json,
): Comparison {
  const held = readPath(row.attributes, where.attribute)
  const key = where.entry === undefined ? null : child.values.text(where.entry)
  return compare({
    attribute: key === null ? where.attribute : `${where.attribute}.${key}`,
    apiName: where.value ?? where.attribute,
    kind: child.context.mappings.type(row.type).kinds[where.attribute],
    state: key !== null && isObject(held) ? held[key] : held,
    event: value,
    isSensitive: (path) => child.context.isSensitive(row.type, path),
    ...(child.context.hash && { hash: child.context.hash }),
  })[0]!
}

/** Does the row name this very child? */
export function holdsChild(row: StateRow, child: Named & { values: Values }, where: Inline): boolean {
  return find(row, where, elementOf(where, child.values), child) !== undefined
}

function elementOf(where: Inline, values: Values): Json {
  if (typeof where.element === 'string') return values.read(where.element) ?? null
  const entries = Object.entries(where.element ?? {}).flatMap(([field, path]) => {
    const value = values.read(path) ?? null
    // What is compared field by field needs to say what it has not.
    return value === null && where.key === undefined ? [] : [[field, value]]
  })
  return Object.fromEntries(entries) as JsonObject
}

function find(row: StateRow, where: Inline, element: Json, child: Named): Json | undefined {
  const key = keyText(element, where, child)
  return heldIn(row, where).find((one) => keyText(one, where, child) === key)
}

/** The children that a row holds in its attribute. */
export function heldIn(row: StateRow, { attribute, within }: Pick<Inline, 'attribute' | 'within'>): Json[] {
  const value = readPath(row.attributes, attribute)
  if (within === 'iam-policy') return grantsOf(value)
  return Array.isArray(value) ? value : []
}

function keyText(element: Json, where: Inline, { context, base }: Named): string {
  const { anyCase, kinds } = context.mappings.type(base.resourceType)
  const key = keyOf(element, where)
  const isReference = ['reference', 'link'].includes(kinds[where.key ?? ''] ?? '')
  return folded(canonicalText(isReference && typeof key === 'string' ? lastSegment(key) : key), anyCase)
}

function keyOf(element: Json, { key }: Inline): Json {
  if (key === undefined || !isObject(element)) return element
  const [first, ...rest] = key.split(' | ')
  const field = [first!, ...rest].find((name) => canonical(element[name]) !== null)
  // Two fields may have the same value, and mean something else by it.
  return field === undefined || rest.length === 0 ? (element[first!] ?? null) : [field, element[field]!]
}

/** What an element has not is written as the state writes it: an empty text, 0 or false. */
function inFormOf(before: Json | undefined, after: Json): Json {
  if (!isObject(before) || !isObject(after)) return after
  const entries = Object.entries(after).map(([field, value]): [string, Json] => {
    const unset = before[field] ?? null
    return [field, value === null && isUnset(unset) ? unset : value]
  })
  return Object.fromEntries(entries)
}

function isUnset(value: Json): boolean {
  return [null, false, 0].includes(canonical(value) as never)
}

/** Field by field, each as the child's own type would compare it; what an element has not is false or 0 in the state. */
function sameElement(before: Json, after: Json, child: Named): boolean {
  if (!isObject(before) || !isObject(after)) return true
  const { kinds } = child.context.mappings.type(child.base.resourceType)
  return Object.entries(after).every(
    ([field, event]) =>
      (event === null && isUnset(before[field] ?? null)) ||
      compare({
        attribute: field,
        apiName: field,
        kind: kinds[field],
        state: before[field],
        event,
        isSensitive: () => false,
      }).every(({ equal }) => equal),
  )
}

function slotOf(row: StateRow, child: Named, where: Inline, element: Json) {
  const { attribute } = where
  const { context } = child
  const sensitive = isHashed(row.attributes[attribute]) || context.isSensitive(row.type, attribute)
  const slot = elementSlot(attribute, keyText(element, where, child), { sensitive, context })
  return { attribute, slot, law: 'same set', sensitive, apiName: attribute }
}
