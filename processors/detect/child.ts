import type { EffectOf, Inline } from '../../mappings/format.ts'
import { isHashed } from '../../schemas/hashed-value.ts'
import { canonical, canonicalText } from '../compare/canonical.ts'
import { type Comparison, compare } from '../compare/compare.ts'
import type { CloudCall, Json, JsonObject, StateRow } from '../finding.ts'
import { namesIn, parentKey } from '../identity.ts'
import { isObject, readPath } from '../paths.ts'
import { assignments, compareRow } from './attributes.ts'
import {
  type DetectContext,
  type Draft,
  type Rows,
  type Step,
  scoped,
  type Target,
  target,
  wholeResource,
} from './step.ts'
import { mostDifferent } from './update.ts'
import { type Values, valuesOf } from './values.ts'

/**
 * Children that Terraform models as types of their own, or inline in their parent: attachments, inline policies,
 * bucket policies. First a row of the child itself decides; else a parent that holds such children inline (its list
 * is not empty, and no state holds such a child of it on its own); else the child is managed by nobody.
 */
export function putChild(call: CloudCall, effect: EffectOf<'put'>, context: DetectContext): Step[] {
  return childSteps(call, effect.put, effect, context, (child) => {
    if (child.rows.length > 0) return putHeld(child, effect)
    const { parent } = child
    if (parent) return inline(child, parent, (row) => put(row, child, parent.where))
    const byService = call.actor.tool === 'service'
    const comparisons = byService ? [] : [wholeResource(true)]
    return {
      ...child.base,
      type: 'unmanaged_resource',
      comparisons,
      reason: byService ? 'service-created' : null,
    }
  })
}

export function removeChild(call: CloudCall, effect: EffectOf<'remove'>, context: DetectContext): Step[] {
  return childSteps(call, effect.remove, effect, context, (child) => {
    const [row, ...others] = child.rows
    if (row)
      return {
        ...child.base,
        type: 'resource_deleted',
        id: row.id || child.base.id,
        row,
        others,
        comparisons: [wholeResource(true)],
      }
    const { parent } = child
    if (parent) return inline(child, parent, (row) => takeAway(row, child, parent.where))
    return { ...child.base, comparisons: [wholeResource(false)], reason: 'unmanaged' }
  })
}

interface Child {
  context: DetectContext
  values: Values
  base: Draft
  rows: StateRow[]
  /** The rows that hold such children inline. */
  parent: { where: Inline; target: Target; rows: StateRow[] } | null
}

function childSteps(
  call: CloudCall,
  type: string,
  effect: {
    id: string
    each?: string | undefined
    inline: Inline[]
    revert?: EffectOf<'put'>['revert']
  },
  context: DetectContext,
  verdict: (child: Child) => Draft,
): Step[] {
  return valuesOf(call, effect.each).flatMap((values) => {
    const id = values.text(effect.id)
    if (id === null) return []
    const resource = target(call, context, type, id)
    const places = effect.inline.flatMap((where) => {
      const parentId = values.text(where.id)
      if (parentId === null) return []
      const owner = target(call, context, where.type, parentId)
      return [{ where, owner, siblings: namesIn(parentId).names.map((name) => parentKey(type, name)) }]
    })
    const keys = [...resource.keys, ...places.flatMap(({ owner, siblings }) => [...owner.keys, ...siblings])]
    return [{ keys, judge }]

    function judge(rows: Rows): Draft[] {
      const base: Draft = {
        type: 'attribute_drift',
        resourceType: type,
        id: resource.id,
        scope: resource.scope,
        row: null,
        others: [],
        comparisons: [],
        compared: true,
        reason: null,
        revert: effect.revert ?? {},
      }
      const found = resource.find(rows).filter((row) => row.deposedKey === null)
      return [verdict({ context, values, base, rows: found, parent: holdsInline(rows) })]
    }

    /** A list that is not empty holds them inline, unless some of them stand on their own. */
    function holdsInline(rows: Rows): Child['parent'] {
      const { global } = context.mappings.type(type)
      for (const { where, owner, siblings } of places) {
        const own = scoped(
          siblings.flatMap((key) => rows(key)),
          owner.scope,
          global,
        )
        const holding = owner.find(rows).filter((row) => row.deposedKey === null && holdsAny(row, where))
        if (own.length === 0 && holding.length > 0) return { where, target: owner, rows: holding }
      }
      return null
    }
  })
}

function holdsAny(row: StateRow, { attribute }: Inline): boolean {
  return canonical(readPath(row.attributes, attribute)) !== null
}

function putHeld(child: Child, effect: EffectOf<'put'>): Draft {
  const list = assignments(effect, child.values)
  const expectsValues = Object.keys(effect.attributes).length > 0
  const { row, others, comparisons } = mostDifferent(child.rows, (candidate) =>
    compareRow(candidate, list, child.context),
  )
  const held = { ...child.base, id: row.id || child.base.id, row, others }
  if (expectsValues && comparisons.length === 0) {
    const unseen = { ...wholeResource(true), slot: 'call', law: 'not compared' }
    return { ...held, comparisons: [unseen], compared: false }
  }
  if (comparisons.some(({ equal }) => !equal)) return { ...held, comparisons }
  return { ...held, comparisons: [wholeResource(false), ...comparisons], reason: 'as-declared' }
}

/** A verdict on the parent, in whose attribute the child stands. */
function inline(
  child: Child,
  parent: NonNullable<Child['parent']>,
  change: (row: StateRow) => Comparison,
): Draft {
  const { row, others, comparisons } = mostDifferent(parent.rows, (candidate) => [change(candidate)])
  return {
    ...child.base,
    resourceType: parent.target.type,
    id: row.id || parent.target.id,
    scope: parent.target.scope,
    row,
    others,
    comparisons,
    reason: comparisons.every(({ equal }) => equal) ? 'as-declared' : null,
  }
}

function put(row: StateRow, child: Child, where: Inline): Comparison {
  if (where.element === undefined)
    return whole(row, child, where, child.values.read(where.value ?? '') ?? null)
  const element = elementOf(where, child.values)
  const before = find(row, where, element)
  const equal = before !== undefined && sameElement(before, element, child)
  return {
    ...slotOf(row, child, where, element),
    equal,
    ...(!equal && { oldValue: before === undefined ? undefined : [before], newValue: [element] }),
  }
}

function takeAway(row: StateRow, child: Child, where: Inline): Comparison {
  if (where.element === undefined) return whole(row, child, where, null)
  const element = elementOf(where, child.values)
  const before = find(row, where, element)
  return {
    ...slotOf(row, child, where, element),
    equal: before === undefined,
    ...(before !== undefined && { oldValue: [before] }),
  }
}

/** The attribute is one value, not a set of children. */
function whole(row: StateRow, child: Child, where: Inline, value: Json): Comparison {
  return compare({
    attribute: where.attribute,
    apiName: where.value ?? where.attribute,
    kind: child.context.mappings.type(row.type).kinds[where.attribute],
    state: readPath(row.attributes, where.attribute),
    event: value,
    isSensitive: (path) => child.context.isSensitive(row.type, path),
    ...(child.context.hash && { hash: child.context.hash }),
  })[0]!
}

function elementOf(where: Inline, values: Values): Json {
  if (typeof where.element === 'string') return values.read(where.element) ?? null
  const entries = Object.entries(where.element ?? {}).map(([field, path]) => [
    field,
    values.read(path) ?? null,
  ])
  return Object.fromEntries(entries) as JsonObject
}

function find(row: StateRow, where: Inline, element: Json): Json | undefined {
  const list = readPath(row.attributes, where.attribute)
  return (Array.isArray(list) ? list : []).find(
    (one) => canonicalText(keyOf(one, where)) === canonicalText(keyOf(element, where)),
  )
}

function keyOf(element: Json, where: Inline): Json {
  return where.key && isObject(element) ? (element[where.key] ?? null) : element
}

/** Field by field, each as the child's own type would compare it. */
function sameElement(before: Json, after: Json, child: Child): boolean {
  if (!isObject(before) || !isObject(after)) return true
  const { kinds } = child.context.mappings.type(child.base.resourceType)
  return Object.entries(after).every(([field, event]) =>
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

function slotOf(row: StateRow, { context }: Child, where: Inline, element: Json) {
  const { attribute } = where
  const sensitive = isHashed(row.attributes[attribute]) || context.isSensitive(row.type, attribute)
  const slot = `${attribute}#${canonicalText(keyOf(element, where))}`
  return { attribute, slot, law: 'same set', sensitive, apiName: attribute }
}
