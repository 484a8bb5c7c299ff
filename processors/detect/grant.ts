import type { EffectOf, Inline } from '../../mappings/format.ts'
import { canonicalText } from '../compare/canonical.ts'
import { grantsOf } from '../compare/iam-policy.ts'
import type { CloudCall, JsonObject, StateRow } from '../finding.ts'
import { grantOf } from '../iam-grant.ts'
import { folded, keysOf, nameKey, parentKey } from '../identity.ts'
import { isObject } from '../paths.ts'
import { putChild, removeChild } from './child.ts'
import { type DetectContext, type Draft, type Rows, type Step, scoped, target } from './step.ts'
import { valuesOf } from './values.ts'

/**
 * Grants on a resource of Google that were given and taken: as the log tells what changed, or else as the new policy
 * has them. Then a grant that a state holds, and that policy does not, is gone.
 */
export function grant(call: CloudCall, effect: EffectOf<'grant'>, context: DetectContext): Step[] {
  const [values] = valuesOf(call, { when: effect.when })
  if (values === undefined) return []
  const steps = Object.entries(effect.grant).flatMap(([type, path]) => {
    const on = values.text(path)
    return on === null ? [] : [stepsOf({ ...call, request: { ...call.request, on } }, type, context, on)]
  })
  const [first = []] = steps
  return first.map((_, index) => firstHeld(steps.map((own) => own[index]!)))
}

function stepsOf(call: CloudCall, type: string, context: DetectContext, on: string): Step[] {
  const given = (each: string) => putChild(call, { ...effectOf(type, each), put: `${type}_member` }, context)
  const { added, removed, granted } = call.request
  if (added !== undefined || removed !== undefined) return [...given('added'), ...taken(call, type, context)]
  return granted === undefined ? [] : [...given('granted'), rest(call, type, context, on)]
}

function taken(call: CloudCall, type: string, context: DetectContext): Step[] {
  return removeChild(call, { ...effectOf(type, 'removed'), remove: `${type}_member` }, context)
}

/** What states hold of the resource's grants beside those that its new policy has. */
function rest(call: CloudCall, type: string, context: DetectContext, on: string): Step {
  const { scope } = target(call, context, type, on)
  const name = (kind: string) => folded(on, context.mappings.type(`${type}_${kind}`).anyCase)
  const keys = [
    ...['member', 'binding'].map((kind) => parentKey(`${type}_${kind}`, name(kind))),
    nameKey(`${type}_policy`, name('policy')),
  ]
  return { keys, judge }

  function judge(rows: Rows): Draft[] {
    const held = scoped(
      keys.flatMap((key) => rows(key)),
      scope,
      true,
      context.trace,
    )
    const granted = new Set(grantsIn(call).map(textOf))
    const gone = new Map(held.flatMap(grantsHeld).map((one) => [textOf(one), one]))
    for (const text of granted) gone.delete(text)
    const known = held.map((row) => ({ row, keys: keysOf(row, context.mappings) }))
    const found: Rows = (key) => known.flatMap((one) => (one.keys.includes(key) ? [one.row] : []))
    const without = { ...call, request: { ...call.request, removed: [...gone.values()] } }
    return taken(without, type, context).flatMap((step) => step.judge(found))
  }
}

function grantsIn({ request: { granted } }: CloudCall): JsonObject[] {
  return Array.isArray(granted) ? granted.filter(isObject) : []
}

/** Grants in one form, whichever of the three types holds them. */
function grantsHeld({ attributes }: StateRow): JsonObject[] {
  const { role, member, members, condition, policy_data } = attributes
  const all =
    policy_data === undefined
      ? grantsOf({ bindings: [{ role: role!, members: members ?? [member!], condition: first(condition) }] })
      : grantsOf(policy_data)
  return all.map((one) => grantOf({ ...one, member: (one.members as string[])[0]! }))
}

function first(condition: JsonObject[string] | undefined): JsonObject[string] {
  return (Array.isArray(condition) ? condition[0] : condition) ?? null
}

function textOf({ memberId }: JsonObject): string {
  return canonicalText(memberId).toLowerCase()
}

function effectOf(type: string, each: string) {
  const inline: Inline[] = [
    {
      type: `${type}_binding`,
      id: '{on}/{item.bindingId}',
      attribute: 'members',
      element: 'item.member',
      partial: false,
    },
    {
      type: `${type}_policy`,
      id: 'on',
      attribute: 'policy_data',
      within: 'iam-policy',
      partial: false,
      element: { role: 'item.role', members: 'item.members', condition: 'item.condition' },
    },
  ]
  return { ...nothing, each, id: '{on}/{item.memberId}', inline }
}

/** Of a grant nothing is compared but that it is there. */
const nothing = {
  attributes: {},
  elements: {},
  upserts: {},
  drops: {},
  translate: {},
  units: {},
  adds: {},
  takes: {},
  merges: [],
  defaults: {},
  fills: {},
  ignore: [],
  hidden: {},
  set: {},
  revert: {},
}

/** One grant, as each of the types would have it: the verdict of the first of which a state holds anything. */
function firstHeld(steps: readonly Step[]): Step {
  return {
    keys: steps.flatMap(({ keys }) => keys),
    judge(rows) {
      const all = steps.map((step) => step.judge(rows))
      return all.find((drafts) => drafts.some(({ row }) => row !== null)) ?? all[0]!
    },
  }
}
