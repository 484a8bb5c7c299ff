import type { EffectOf } from '../../mappings/format.ts'
import { canonical } from '../compare/canonical.ts'
import { type Comparison, compare } from '../compare/compare.ts'
import type { Json, StateRow } from '../finding.ts'
import { isObject, readPath } from '../paths.ts'
import type { DetectContext } from './step.ts'
import type { Values } from './values.ts'

type Mapped = Pick<EffectOf<'put'>, 'attributes' | 'defaults' | 'hidden'> &
  Partial<Pick<EffectOf<'update'>, 'set'>>

/** One value that a call sets: the API's name for it, and the Terraform path. */
export interface Assignment {
  apiName: string
  attribute: string
  value: Json
}

/** What the call sets, in Terraform's terms. */
export function assignments(mapped: Mapped, values: Values): Assignment[] {
  const result: Assignment[] = []
  for (const [apiName, attribute] of Object.entries(mapped.attributes)) {
    const value = values.read(apiName) ?? defaultOf(mapped, apiName, values)
    if (value !== undefined) result.push({ apiName, attribute, value })
  }
  for (const [apiName, attribute] of Object.entries(mapped.hidden)) {
    const value = values.read(apiName)
    const visible = result.some((assignment) => assignment.attribute === attribute)
    if (value !== undefined && !visible)
      result.push({ apiName, attribute, value: 'HIDDEN_DUE_TO_SECURITY_REASONS' })
  }
  for (const [attribute, value] of Object.entries(mapped.set ?? {})) {
    result.push({ apiName: attribute, attribute, value })
  }
  return result
}

/** A default counts only where the object that would hold the parameter is there. */
function defaultOf(mapped: Mapped, apiName: string, values: Values): Json | undefined {
  if (!Object.hasOwn(mapped.defaults, apiName)) return undefined
  const parent = apiName.split('.').slice(0, -1).join('.')
  return parent === '' || isObject(values.read(parent)) ? mapped.defaults[apiName] : undefined
}

/** Compares assignments with a row of the state. */
export function compareRow(row: StateRow, list: readonly Assignment[], context: DetectContext): Comparison[] {
  const { kinds } = context.mappings.type(row.type)
  return list.flatMap(({ apiName, attribute, value }) =>
    compare({
      attribute,
      apiName,
      kind: kinds[attribute],
      state: readPath(row.attributes, attribute),
      event: value,
      isSensitive: (path) => context.isSensitive(row.type, path),
      ...(context.hash && { hash: context.hash }),
    }),
  )
}

/** Does the call carry parameters that no mapping knows? Then "nothing differs" would be a guess. */
export function hasUnknownParameters(effect: EffectOf<'update'>, request: { [key: string]: Json }): boolean {
  const known = new Set([
    ...alwaysKnown,
    ...[
      effect.id,
      effect.each ?? '',
      ...Object.keys(effect.attributes),
      ...effect.ignore,
      ...Object.keys(effect.hidden),
    ]
      .flatMap((path) =>
        path.includes('{') ? [...path.matchAll(/\{(.+?)\}/g)].map((match) => match[1]!) : [path],
      )
      .map((path) => /^[^.[]*/.exec(path)![0]),
  ])
  return Object.entries(request).some(([name, value]) => !known.has(name) && canonical(value) !== null)
}

const alwaysKnown = ['clientToken', 'dryRun', 'Host', 'host', 'xmlns']
