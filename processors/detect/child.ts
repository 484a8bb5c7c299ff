import type { EffectOf, Inline } from '../../mappings/format.ts'
import { canonical } from '../compare/canonical.ts'
import type { CloudCall, StateRow } from '../finding.ts'
import { folded, namesIn, parentKey } from '../identity.ts'
import { readPath } from '../paths.ts'
import { assignments, compareRow } from './attributes.ts'
import { type Child, heldIn, holdsChild, putInline, removeInline } from './inline-child.ts'
import { putInlineValues } from './inline-values.ts'
import { madeChild } from './made.ts'
import { mostDifferent } from './most-different.ts'
import { unlessMoved } from './moved-by-service.ts'
import {
  type DetectContext,
  type Draft,
  notCompared,
  type Rows,
  type Step,
  scoped,
  target,
  wholeResource,
} from './step.ts'
import { unknownParameters } from './unknown-parameters.ts'
import { type Extent, holds, valuesOf } from './values.ts'

/**
 * Children that Terraform models as types of their own, or inline in their parent: attachments, inline policies,
 * bucket policies. First a row of the child itself decides; else a parent that holds such children inline (its list
 * is not empty, and no state holds such a child of it on its own); else the child is managed by nobody.
 */
export function putChild(call: CloudCall, effect: EffectOf<'put'>, context: DetectContext): Step[] {
  return childSteps(call, effect.put, effect, context, (child) => {
    if (child.rows.length > 0) return putHeld(call, child, effect)
    const { parent } = child
    if (parent)
      return parent.where.sets ? putInlineValues(call, child, parent, effect) : putInline(child, parent)
    const byService = call.actor.tool === 'service'
    const comparisons = byService ? [] : [wholeResource(true)]
    return {
      ...child.base,
      type: 'unmanaged_resource',
      comparisons,
      made: madeChild(effect, child.values, context),
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
    if (parent) return removeInline(child, parent)
    return { ...child.base, comparisons: [wholeResource(false)], reason: 'unmanaged' }
  })
}

function childSteps(
  call: CloudCall,
  type: string,
  effect: Extent & { id: string; inline: Inline[]; revert?: EffectOf<'put'>['revert'] },
  context: DetectContext,
  verdict: (child: Child) => Draft,
): Step[] {
  return valuesOf(call, effect).flatMap((values) => {
    const id = values.text(effect.id)
    if (id === null) return []
    const resource = target(call, context, type, id)
    const places = effect.inline.flatMap((where) => {
      const parentId = values.text(where.id)
      if (parentId === null || !holds(where.when, values)) return []
      const owner = target(call, context, where.type, parentId)
      const { anyCase } = context.mappings.type(type)
      const siblings = namesIn(parentId).names.map((name) => parentKey(type, folded(name, anyCase)))
      return [{ where, owner, siblings }]
    })
    const keys = [...resource.keys, ...places.flatMap(({ owner, siblings }) => [...owner.keys, ...siblings])]
    return [{ keys, judge }]

    function judge(rows: Rows): Draft[] {
      const base: Draft = {
        type: 'attribute_drift',
        resourceType: type,
        id: resource.id,
        scope: resource.scope,
        parents: places.map(({ owner }) => owner),
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
          context.trace,
        )
        const child = { context, values, base: { resourceType: type } }
        const holding = owner
          .find(rows)
          .filter((row) => row.deposedKey === null && holdsAny(row, where))
          .filter((row) => !where.partial || holdsChild(row, child, where))
        if (own.length === 0 && holding.length > 0) return { where, target: owner, rows: holding }
      }
      return null
    }
  })
}

function holdsAny(row: StateRow, where: Inline): boolean {
  if (where.within) return heldIn(row, where).length > 0
  return [where.attribute, ...(where.beside ?? [])].some(
    (path) => canonical(readPath(row.attributes, path)) !== null,
  )
}

function putHeld(call: CloudCall, child: Child, effect: EffectOf<'put'>): Draft {
  const list = assignments(effect, child.values)
  const expectsValues = Object.keys(effect.attributes).length > 0
  const { movedByService } = child.context.mappings.type(effect.put)
  const { row, others, comparisons } = mostDifferent(child.rows, (candidate) =>
    unlessMoved(compareRow(candidate, list, child.context), call, movedByService),
  )
  const held = { ...child.base, id: row.id || child.base.id, row, others }
  if (comparisons.some(({ equal }) => !equal)) return { ...held, comparisons }
  if (expectsValues && (list.length === 0 || unknownParameters(effect, call.request).length > 0))
    return { ...held, comparisons: [...comparisons, notCompared(call)], compared: false }
  return { ...held, comparisons: [wholeResource(false), ...comparisons], reason: 'as-declared' }
}
