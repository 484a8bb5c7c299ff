import type { Kind } from '../../mappings/kind.ts'
import { isHashed } from '../../schemas/hashed-value.ts'
import type { Json, JsonObject } from '../finding.ts'
import { isLeftOut } from '../left-out.ts'
import { isObject } from '../paths.ts'
import { canonical, canonicalText } from './canonical.ts'
import { columnsOf } from './columns.ts'
import { isMasked } from './masked.ts'
import { statements } from './policy.ts'
import { protocolName } from './protocol.ts'
import { quantityForm } from './quantity.ts'
import { inFormOf, lastSegment, linkForm } from './reference.ts'
import { dnsName, lowerCase, networkOf, parsed } from './text-forms.ts'
import { isOfVersion } from './version.ts'

/** One attribute (or one key of a map attribute) of the state beside what the call set. */
export interface Comparison {
  /** Terraform path. */
  attribute: string
  /** What later events are matched with to tell whether this one still stands: the path, or path and element. */
  slot: string
  equal: boolean
  /** By which law the two are equal or not: what `explain` prints. */
  law: string
  /** Of sets and policies only what was removed; undefined where absent or not to be shown. */
  oldValue?: Json | undefined
  /** Of sets and policies only what was added. */
  newValue?: Json | undefined
  /** Both values as a whole, equal or not; undefined where absent, null where taken away, neither if sensitive. */
  state?: Json | undefined
  event?: Json | undefined
  sensitive: boolean
  /** The API's name of what was set. */
  apiName: string
}

export interface Compared {
  attribute: string
  apiName: string
  kind: Kind | undefined
  /** What the state says; undefined where it has no such attribute. */
  state: Json | undefined
  /** What the call set; null where it took the value away. */
  event: Json
  /** Attribute paths that must not be shown. */
  isSensitive: (attribute: string) => boolean
  /** The keyed hash that stands in the state for a sensitive value. */
  hash?: (value: Json) => string
}

/** Compares what a call set with what the state says: one comparison, or one for each key of a map. */
export function compare(input: Compared): Comparison[] {
  const { attribute, kind, state } = input
  const event = eventOf(input)
  if (isMasked(input.event)) return [hiddenChange(input, 'the event hides the value')]
  if (isLeftOut(input.event)) return [hiddenChange(input, 'the event leaves the value out')]
  const secret = input.isSensitive(attribute) && !areFlags(state, event)
  const sensitive = secret || isHashed(state) || isHashed(event) || kind === 'opaque'
  // A map that is taken away as a whole loses each of its keys.
  if (kind === undefined && event === null && isObject(state) && !sensitive)
    return compareMap(input, state, {})
  const isMap = isObject(event) && (isObject(state) || canonical(state) === null)
  if (isOfMaps(kind) && isMap && !sensitive) {
    return compareMap(input, isObject(state) ? state : {}, event)
  }
  // Taken away as a whole: each key of it.
  if (kind === undefined && event === null && isObject(state) && canonical(state) !== null && !sensitive)
    return compareMap(input, state, {})
  const { equal, law, oldValue, newValue } =
    kind === 'opaque'
      ? opaque(state, event)
      : (byKind(kind, state, event) ?? byValue(state, kind === 'link' ? inFormOf(state, event) : event))
  const known = { attribute, slot: attribute, apiName: input.apiName, sensitive, equal, law }
  return [sensitive ? known : { ...known, oldValue, newValue, state, event }]
}

/** In the form that the state has: hashed where it is, a map where it is one. */
function eventOf({ kind, state, event, hash }: Compared): Json {
  if (isHashed(state) && !isHashed(event)) return hash?.(event) ?? event
  if (kind !== 'pairs') return event
  return Array.isArray(event) ? mapOf(event) : (event ?? {})
}

function isOfMaps(kind: Kind | undefined): boolean {
  return kind === undefined || ['merged-map', 'declared-map', 'quantities', 'pairs'].includes(kind)
}

function mapOf(pairs: readonly Json[]): JsonObject {
  const entries = pairs.filter(isObject).map((one): [string, Json] => [String(one.name), one.value ?? ''])
  return Object.fromEntries(entries)
}

function compareMap(input: Compared, state: JsonObject, event: JsonObject): Comparison[] {
  const kept = input.kind === 'merged-map' ? [] : Object.keys(state)
  const said = input.kind === 'declared-map' ? [] : Object.keys(event)
  const keys = [...new Set([...kept, ...said])].sort()
  return keys.flatMap((key) =>
    compare({
      ...input,
      kind: input.kind === 'quantities' ? 'quantity' : undefined,
      attribute: `${input.attribute}.${key}`,
      apiName: `${input.apiName}.${key}`,
      state: Object.hasOwn(state, key) ? state[key] : undefined,
      event: Object.hasOwn(event, key) ? event[key]! : null,
    }),
  )
}

type Verdict = Pick<Comparison, 'equal' | 'law' | 'oldValue' | 'newValue'>

function byKind(kind: Kind | undefined, state: Json | undefined, event: Json): Verdict | null {
  switch (kind) {
    case 'set':
      return elements('same set', textsOf(state), textsOf(event))
    case 'policy':
    case 'trust-policy': {
      const trust = kind === 'trust-policy'
      const before = statements(state, { trust })
      const after = statements(event, { trust })
      // Other documents of the same attribute: an organization's tag policies.
      return before && after ? elements('same policy', before, after) : byKind('json', state, event)
    }
    case 'any-case':
      return alike('same in any case', state, event, lowerCase)
    case 'protocol':
      return alike('same protocol', state, event, protocolName)
    case 'json':
      return { ...byValue(parsed(state), parsed(event)), law: 'same JSON' }
    case 'reference':
      return alike('same reference', state, event, lastSegment)
    case 'nullable':
      return plain(state, event)
    case 'presence':
      return presence(state, event)
    case 'link':
      return alike('same reference', state, event, linkForm(state, event))
    case 'base-reference':
      return alike('same reference', state, event, (text) => text.slice(text.lastIndexOf('/') + 1))
    case 'dns':
      return alike('same name in DNS', state, event, dnsName)
    case 'search-machine':
      return alike('same machine', state, event, (text) => text.replace(/\.elasticsearch$/, '.search'))
    case 'version':
      return version(state, event)
    case 'network':
      return alike('same network', state, event, networkOf)
    case 'quantity':
      return alike('same quantity', state, event, quantityForm)
    case 'columns': {
      const [before, after] = [columnsOf(state), columnsOf(event)]
      return before && after ? elements('same columns', before, after) : null
    }
    default:
      return null
  }
}

/** Of two collections keyed by canonical text, what went and what came. */
function elements(law: string, before: Map<string, Json>, after: Map<string, Json>): Verdict {
  const removed = [...before].filter(([text]) => !after.has(text)).map(([, element]) => element)
  const added = [...after].filter(([text]) => !before.has(text)).map(([, element]) => element)
  if (removed.length === 0 && added.length === 0) return { equal: true, law }
  return {
    equal: false,
    law,
    oldValue: removed.length > 0 ? removed : undefined,
    newValue: added.length > 0 ? added : undefined,
  }
}

/** Texts that are one in that form are equal; a list of them is a set. */
function alike(
  law: string,
  state: Json | undefined,
  event: Json,
  form: (text: string) => string,
): Verdict | null {
  if (Array.isArray(state) || Array.isArray(event))
    return elements(law, textsOf(state, form), textsOf(event, form))
  return form(textOf(state)) === form(textOf(event)) ? { equal: true, law } : null
}

function presence(state: Json | undefined, event: Json): Verdict {
  const [before, after] = [state, event].map((side) => isThere(side))
  if (before === after) return { equal: true, law: 'same block' }
  return { equal: false, law: 'same block', ...(before ? { oldValue: state } : { newValue: event }) }
}

function isThere(block: Json | undefined): boolean {
  return Array.isArray(block) ? block.length > 0 : block !== undefined && block !== null
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : canonicalText(value)
}

/** In the order of the texts: a set has none of its own. */
function textsOf(value: Json | undefined, form?: (text: string) => string): Map<string, Json> {
  const list = Array.isArray(value) ? value : canonical(value) === null ? [] : [value!]
  const entries = list.map(
    (element) => [form ? form(textOf(element)) : canonicalText(element), element] as const,
  )
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function byValue(state: Json | undefined, event: Json): Verdict {
  const after = canonical(event)
  // The provider leaves an unset flag or count null in the state; the call that says false or 0 changes nothing.
  if (canonical(state) === null && (after === false || after === 0))
    return { equal: true, law: 'unset equals false and 0' }
  return plain(state, event)
}

function plain(state: Json | undefined, event: Json): Verdict {
  const before = canonical(state)
  const after = canonical(event)
  if (JSON.stringify(before) === JSON.stringify(after)) return { equal: true, law: 'same value' }
  return {
    equal: false,
    law: 'different value',
    oldValue: before === null ? undefined : state,
    newValue: after === null ? undefined : event,
  }
}

/** The state holds a digest of what the event holds (or hides). */
function opaque(state: Json | undefined, event: Json): Verdict {
  return { equal: isHashed(state) && state === event, law: 'only a digest is known' }
}

function hiddenChange(input: Compared, law: string): Comparison {
  const { attribute, apiName } = input
  return { attribute, slot: attribute, equal: false, law, sensitive: true, apiName }
}

function version(state: Json | undefined, event: Json): Verdict {
  const declared = String(state ?? '')
  const running = String(event ?? '')
  const equal = isOfVersion(running, declared)
  const law = 'same version'
  return equal
    ? { equal, law }
    : { equal, law, oldValue: declared || undefined, newValue: running || undefined }
}

/** Whether there is a secret is none: manage_master_user_password. */
function areFlags(state: Json | undefined, event: Json): boolean {
  return typeof event === 'boolean' && (typeof state === 'boolean' || canonical(state) === null)
}
