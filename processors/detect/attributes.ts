import type { EffectOf, Fields } from '../../mappings/format.ts'
import type { Kind } from '../../mappings/kind.ts'
import { canonical, canonicalText } from '../compare/canonical.ts'
import { type Comparison, compare } from '../compare/compare.ts'
import { linkForm } from '../compare/reference.ts'
import type { Json, StateRow } from '../finding.ts'
import { isLeftOut, leftOutOn } from '../left-out.ts'
import { isObject, readPath } from '../paths.ts'
import { compareBlocks, dropBlocks, upsertBlocks } from './compare-blocks.ts'
import { elementSlot } from './element-slot.ts'
import type { DetectContext } from './step.ts'
import { inUnit } from './units.ts'
import type { Values } from './values.ts'

type Mapped = Pick<
  EffectOf<'put'>,
  | 'attributes'
  | 'elements'
  | 'adds'
  | 'takes'
  | 'merges'
  | 'upserts'
  | 'drops'
  | 'translate'
  | 'units'
  | 'defaults'
  | 'fills'
  | 'replaces'
  | 'hidden'
  | 'set'
>

/** One value that a call sets: the API's name for it, and the Terraform path. */
export interface Assignment {
  apiName: string
  /** Where several are given, the first that the state sets. */
  attribute: string
  value: Json
  /** The value is elements of a set that the call adds or takes away; absent: the whole value. */
  delta?: 'adds' | 'takes'
  /** Terraform's words for the value, by the attribute that the state sets. */
  words?: Mapped['translate']
  /** The service puts the value there only where the state has no such block. */
  fills?: string
  /** The value is a map, of which the keys that it has not stay. */
  merged?: boolean
  /** The value is a list of blocks with these fields. */
  fields?: Fields
  /** The call writes (upserts) or takes away (drops) the blocks with these keys; absent: the whole list. */
  keyed?: { key: string; how: 'upserts' | 'drops' }
}

/** What the call sets, in Terraform's terms. */
export function assignments(mapped: Mapped, values: Values): Assignment[] {
  const result: Assignment[] = []
  for (const [apiName, attribute] of Object.entries(mapped.attributes)) {
    const read = values.read(apiName)
    const given = read === undefined ? takenAway(apiName, values) : read
    // null where the call says that it takes the value away.
    const byDefault = defaultOf(mapped, apiName, values)
    const value = given ?? leftOutOn(apiName, values.read) ?? (byDefault === undefined ? given : byDefault)
    if (value === undefined) continue
    const fields = mapped.elements[apiName]
    result.push({
      ...{ apiName, attribute, value: inTerms(mapped, apiName, value), words: mapped.translate },
      ...(fields && { fields }),
      ...(mapped.merges.includes(apiName) && { merged: true }),
    })
  }
  for (const how of ['upserts', 'drops'] as const) {
    for (const [apiName, { attribute, key, fields }] of Object.entries(mapped[how])) {
      const value = values.read(apiName) ?? leftOutOn(apiName, values.read)
      if (value !== undefined) result.push({ apiName, attribute, value, fields, keyed: { key, how } })
    }
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
  for (const [fills, defaults] of Object.entries(mapped.fills)) {
    for (const [apiName, value] of Object.entries(defaults)) {
      const attribute = mapped.attributes[apiName]
      if (attribute !== undefined && !result.some((one) => one.apiName === apiName))
        result.push({ apiName, attribute, value, fills })
    }
  }
  for (const [attribute, value] of Object.entries(mapped.set)) {
    result.push({ apiName: attribute, attribute, value, words: mapped.translate })
  }
  return result
}

/** What the call takes away as a whole: nothing of it is left. */
function takenAway(apiName: string, values: Values): null | undefined {
  // Asked for every parameter that a call leaves out.
  if (!apiName.includes('.')) return undefined
  const parts = apiName.split('.')
  const above = parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('.'))
  return above.some((path) => values.read(path) === null) ? null : undefined
}

/** In Terraform's words and units. */
function inTerms(mapped: Pick<Mapped, 'translate' | 'units'>, apiName: string, value: Json): Json {
  const unit = mapped.units[apiName]
  return unit && value !== null && !isLeftOut(value)
    ? inUnit(value, unit)
    : translated(mapped, apiName, value)
}

/** The API's words for a value, or for each of several or of a map, in Terraform's. */
function translated({ translate }: Pick<Mapped, 'translate'>, apiName: string, value: Json): Json {
  const words = translate[apiName]
  if (words === undefined) return value
  if (Array.isArray(value)) return value.map((one) => translated({ translate }, apiName, one))
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, translated({ translate }, apiName, one)]),
    )
  const text = String(value)
  return Object.hasOwn(words, text) ? words[text]! : value
}

/**
 * A default counts only where the object that would hold the parameter is there, and nowhere in a call of which the
 * event does not tell the body.
 */
function defaultOf(mapped: Mapped, apiName: string, values: Values): Json | undefined {
  if (!Object.hasOwn(mapped.defaults, apiName) || values.read('unseen') === true) return undefined
  const parent = mapped.replaces ?? apiName.split('.').slice(0, -1).join('.')
  return parent === '' || isObject(values.read(parent)) ? mapped.defaults[apiName] : undefined
}

/** Compares assignments with a row of the state. */
export function compareRow(row: StateRow, list: readonly Assignment[], context: DetectContext): Comparison[] {
  const { kinds, unset } = context.mappings.type(row.type)
  const isSensitive = (path: string) => context.isSensitive(row.type, path)
  return list.flatMap((assignment) => {
    if (assignment.fills && canonical(readPath(row.attributes, assignment.fills)) !== null) return []
    const attribute = attributeOf(assignment, row)
    const whole = wholeMaps[attribute]
    const said = (whole && readPath(row.attributes, whole)) ?? readPath(row.attributes, attribute)
    const state = meantBy(said, unset[attribute], assignment.value)
    if (assignment.fields && !isLeftOut(assignment.value))
      return compareFields(row, { ...assignment, fields: assignment.fields, attribute }, state, context)
    if (assignment.delta && !isLeftOut(assignment.value))
      return compareElements(assignment, attribute, state, {
        sensitive: isSensitive(attribute),
        kind: kinds[attribute],
        context,
      })
    return compare({
      attribute,
      apiName: assignment.apiName,
      kind: assignment.merged ? 'merged-map' : kinds[attribute],
      state,
      event: inWordsOf(assignment, attribute),
      isSensitive,
      ...(context.hash && { hash: context.hash }),
    })
  })
}

/** What an empty attribute means, where the call says the same; else the attribute itself. */
function meantBy(said: Json | undefined, unset: Json | undefined, event: Json): Json | undefined {
  const same =
    unset !== undefined && canonical(said) === null && canonicalText(unset) === canonicalText(event)
  return same ? event : said
}

function compareFields(
  row: StateRow,
  { attribute, apiName, value, fields, keyed }: Assignment & { fields: Fields },
  state: Json | undefined,
  context: DetectContext,
): Comparison[] {
  const isSecret = (path: string) => context.isSensitive(row.type, `${attribute}.${path}`)
  const change = { attribute, apiName, fields, event: value, state, isSecret, context }
  if (keyed?.how === 'upserts') return upsertBlocks({ ...change, key: keyed.key })
  if (keyed?.how === 'drops') return dropBlocks({ ...change, key: keyed.key })
  return compareBlocks(change, context.mappings.type(row.type).kinds[attribute])
}

/** Where the labels that the provider's configuration adds are in, too; what differs is reported under the first name. */
const wholeMaps: Readonly<Record<string, string>> = {
  annotations: 'effective_annotations',
  labels: 'effective_labels',
  resource_labels: 'effective_labels',
}

/** Of two attributes with one meaning, each has its own words. */
function inWordsOf({ attribute, value, words }: Assignment, chosen: string): Json {
  return words && attribute !== chosen ? translated({ translate: words }, chosen, value) : value
}

function attributeOf({ attribute }: Assignment, row: StateRow): string {
  const names = attribute.split(' | ')
  return names.find((name) => canonical(readPath(row.attributes, name)) !== null) ?? names[0]!
}

/** Elements of a set, each in a slot of its own: what a later call does to another does not set this one back. */
function compareElements(
  { apiName, value, delta }: Assignment,
  attribute: string,
  state: Json | undefined,
  { sensitive, kind, context }: { sensitive: boolean; kind: Kind | undefined; context: DetectContext },
): Comparison[] {
  const form = kind === 'link' ? linkForm(state, value) : (text: string) => text
  const textOf = (element: Json) => canonicalText(typeof element === 'string' ? form(element) : element)
  const held = new Set(listOf(state).map(textOf))
  return listOf(value).map((element) => {
    const text = textOf(element)
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
