import type { Effect } from '../../mappings/format.ts'
import type { CloudCall } from '../finding.ts'
import { groupTypes } from './security-group-of-call.ts'
import { type DetectContext, type Draft, notCompared, type Rows, type Step, target } from './step.ts'
import { valuesOf } from './values.ts'

/**
 * What a call did whose parameters were left out: it changed the resources that the rest of the record names, nobody
 * knows how. Where the parameters that are there tell more, that comes first.
 */
export function leftOut(call: CloudCall, effect: Effect, context: DetectContext): Step[] {
  return namesOf(call, effect).flatMap((name) =>
    typesOf(effect, name, context).map((type) => unseenStep(call, context, type, name)),
  )
}

function unseenStep(call: CloudCall, context: DetectContext, type: string, name: string): Step {
  const { id, scope, keys, find } = target(call, context, type, name)
  return { keys, judge }

  function judge(rows: Rows): Draft[] {
    const [row = null, ...others] = find(rows).filter(({ deposedKey }) => deposedKey === null)
    const base = { type: 'attribute_drift' as const, resourceType: type, named: name, scope, row, others }
    if (!row) return [{ ...base, id, comparisons: [], compared: true, reason: 'unmanaged' }]
    return [{ ...base, id: row.id || id, comparisons: [notCompared(call)], compared: false, reason: null }]
  }
}

/** By the parameter itself, by what the answer repeats of it, or as the record lists it. */
function namesOf(call: CloudCall, effect: Effect): string[] {
  const path = 'id' in effect ? effect.id : 'groupId'
  const each = 'each' in effect ? effect.each : undefined
  const ids = [call.request, call.response].flatMap((request) =>
    valuesOf({ ...call, request }, { each }).flatMap((values) => values.text(path) ?? []),
  )
  return [...new Set([...ids, ...(call.listed ?? [])])]
}

/** Whatever comes or goes is named by calls that are short. */
function typesOf(effect: Effect, name: string, { mappings }: DetectContext): readonly string[] {
  if ('update' in effect) return effect.update
  if ('put' in effect) return [effect.put]
  if ('authorize' in effect || 'revoke' in effect || 'describe' in effect || 'rewrite' in effect)
    return groupTypes
  const tagged = 'tag' in effect ? effect.tag : 'untag' in effect ? effect.untag : []
  return tagged[0] === 'by-id-prefix' ? mappings.typesOfId(name) : tagged
}
