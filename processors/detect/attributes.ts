import type { EffectOf } from '../../mappings/format.ts'
import { canonical, canonicalText } from '../compare/canonical.ts'
import { type Comparison, compare } from '../compare/compare.ts'
import type { Json, StateRow } from '../finding.ts'
import { isLeftOut, leftOutOn } from '../left-out.ts'
import { isObject, readPath } from '../paths.ts'
import { elementSlot } from './element-slot.ts'
import type { DetectContext } from './step.ts'
import type { Values } from './values.ts'

type Mapped = Pick<EffectOf<'put'>, 'attributes' | 'elements' | 'adds' | 'takes' | 'defaults' | 'hidden'> &
  Partial<Pick<EffectOf<'update'>, 'set'>>

/** One value that a call sets: the API's name for it, and the Terraform path. */
export interface Assignment {
  apiName: string
  /** Where several are given, the first that the state sets. */
  attribute: string
  value: Json
  /** The value is elements of a set that the call adds or takes away; absent: the whole value. */
  delta?: 'adds' | 'takes'
}

/** What the call sets, in Terraform's terms. */
export function assignments(mapped: Mapped, values: Values): Assignment[] {
  const result: Assignment[] = []
  for (const [apiName, attribute] of Object.entries(mapped.attributes)) {
    const value =
      values.read(apiName) ?? leftOutOn(apiName, values.read) ?? defaultOf(mapped, apiName, values)
    if (value !== undefined)
      result.push({ apiName, attribute, value: inTerms(mapped.elements[apiName], value) })
  }
  for (const delta of ['adds', 'takes'] as const) {
    for (const [apiName, attribute] of Object.entries(mapped[delta])) {
      const value = values.read(apiName) ?? leftOutOn(apiName, values.read)
      if (value !== undefined) result.push({ apiName, attribute, value, delta })
    }
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

/** The elements of a list with Terraform's names of their fields. */
function inTerms(fields: Record<string, string> | undefined, value: Json): Json {
  if (fields === undefined || !Array.isArray(value)) return value
  return value.map((element) =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([field, path]) => {
        const part = readPath(element, path)
        return part === undefined ? [] : [[field, part]]
      }),
    ),
  )
}

/**
 * A default counts only where the object that would hold the parameter is there, and nowhere in a call of which the
 * event does not tell the body.
 */
function defaultOf(mapped: Mapped, apiName: string, values: Values): Json | undefined {
  if (!Object.hasOwn(mapped.defaults, apiName) || values.read('unseen') === true) return undefined
  const parent = apiName.split('.').slice(0, -1).join('.')
  return parent === '' || isObject(values.read(parent)) ? mapped.defaults[apiName] : undefined
}

/** Compares assignments with a row of the state. */
export function compareRow(row: StateRow, list: readonly Assignment[], context: DetectContext): Comparison[] {
  const { kinds } = context.mappings.type(row.type)
  const isSensitive = (path: string) => context.isSensitive(row.type, path)
  return list.flatMap((assignment) => {
    const attribute = attributeOf(assignment, row)
    const whole = wholeMaps[attribute]
    const state = (whole && readPath(row.attributes, whole)) ?? readPath(row.attributes, attribute)
    if (assignment.delta && !isLeftOut(assignment.value))
      return compareElements(assignment, attribute, state, { sensitive: isSensitive(attribute), context })
    return compare({
      attribute,
      apiName: assignment.apiName,
      kind: kinds[attribute],
      state,
      event: assignment.value,
      isSensitive,
      ...(context.hash && { hash: context.hash }),
    })
  })
}

/** Where the labels that the provider's configuration adds are in, too; what differs is reported under the first name. */
const wholeMaps: Readonly<Record<string, string>> = { labels: 'effective_labels' }

function attributeOf({ attribute }: Assignment, row: StateRow): string {
  const names = attribute.split(' | ')
  return names.find((name) => canonical(readPath(row.attributes, name)) !== null) ?? names[0]!
}

/** Elements of a set, each in a slot of its own: what a later call does to another does not set this one back. */
function compareElements(
  { apiName, value, delta }: Assignment,
  attribute: string,
  state: Json | undefined,
  { sensitive, context }: { sensitive: boolean; context: DetectContext },
): Comparison[] {
  const held = new Set(listOf(state).map(canonicalText))
  return listOf(value).map((element) => {
    const text = canonicalText(element)
    const equal = held.has(text) === (delta === 'adds')
    return {
      attribute,
      slot: elementSlot(attribute, text, { sensitive, context }),
      equal,
      law: 'same set',
      sensitive,
      apiName,
      ...(!equal && !sensitive && { [delta === 'adds' ? 'newValue' : 'oldValue']: [element] }),
      ...(!sensitive && {
        state: held.has(text) ? element : undefined,
        event: delta === 'adds' ? element : undefined,
      }),
    }
  })
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : canonical(value) === null ? [] : [value!]
}

/** The parameters of a call that no mapping knows: where there are any, "nothing differs" would be a guess. */
export function unknownParameters(
  effect: EffectOf<'update'>,
  request: { [key: string]: Json },
  compared: readonly string[],
): string[] {
  const known = new Set([
    ...alwaysKnown,
    ...[
      effect.id,
      effect.each ?? '',
      ...compared,
      ...Object.keys(effect.attributes),
      ...Object.keys(effect.adds),
      ...Object.keys(effect.takes),
      ...effect.ignore,
      ...Object.keys(effect.hidden),
    ]
      .flatMap((path) =>
        path.includes('{') ? [...path.matchAll(/\{(.+?)\}/g)].map((match) => match[1]!) : [path],
      )
      .map((path) => /^[^.[]*/.exec(path)![0]),
  ])
  return Object.keys(request).filter((name) => !known.has(name) && canonical(request[name]) !== null)
}

const alwaysKnown = ['clientToken', 'dryRun', 'Host', 'host', 'xmlns']
