import { canonicalText } from '../compare/canonical.ts'
import type { CloudCall, Json, JsonObject } from '../finding.ts'
import { isObject, readPath } from '../paths.ts'
import { fillTemplate, firstOf } from '../template.ts'

/** Where a mapping's paths are read: the request, `response.`, `item` for the element of `each`, `call.account`. */
export interface Values {
  read(path: string): Json | undefined
  /** A path, or a text with `{path}` in it (processors/template.ts). null where a part is missing. */
  text(template: string): string | null
}

/** What tells for which things a call has an effect. */
export interface Extent {
  each?: string | undefined
  among?: Other | undefined
  except?: Other | undefined
  when?: Record<string, Scalar | Scalar[]> | undefined
}

interface Other {
  list: string
  by: string[]
}

type Scalar = string | number | boolean | null

/** One Values for each element of `each`, or one for the whole call, where `when` holds. */
export function valuesOf(call: CloudCall, { each, among, except, when }: Extent): Values[] {
  const whole = values(call, call.request)
  const named = each === undefined ? [whole] : itemsOf(whole.read(each)).map(asItem)
  return named.filter(
    (one) =>
      (!among || isIn(among, one, whole)) && (!except || !isIn(except, one, whole)) && holds(when, one),
  )

  function asItem(item: Json): Values {
    return values(call, isObject(item) ? item : { value: item })
  }
}

function itemsOf(list: Json | undefined): Json[] {
  if (Array.isArray(list)) return list
  return isObject(list) && Object.keys(list).length > 0 ? [list] : []
}

function isIn({ list, by }: Other, one: Values, whole: Values): boolean {
  const textOf = (item: Json) =>
    canonicalText(by.map((field) => firstOf(field, (path) => readPath(item, path)) ?? null))
  const text = textOf(one.read('item') ?? null)
  return itemsOf(whole.read(list)).some((item) => textOf(item) === text)
}

/** Do those values stand there? */
export function holds(when: Extent['when'], { read }: Values): boolean {
  return Object.entries(when ?? {}).every(([path, wanted]) => {
    const value = firstOf(path, read) ?? null
    return [wanted].flat().some((one) => isWanted(value, one))
  })
}

function isWanted(value: Json, wanted: Scalar): boolean {
  if (typeof wanted === 'string' && wanted.endsWith('*'))
    return value !== null && String(value).startsWith(wanted.slice(0, -1))
  return wanted === '+' ? value !== null && value !== '' : isScalar(value, wanted)
}

function isScalar(value: Json, wanted: Scalar): boolean {
  return value === null || wanted === null ? value === wanted : String(value) === String(wanted)
}

function values(call: CloudCall, item: JsonObject): Values {
  function read(path: string): Json | undefined {
    if (path === 'call.account') return call.account
    if (path.startsWith('response.')) return readPath(call.response, path.slice('response.'.length))
    if (path === 'item') return item
    if (path.startsWith('item.')) return readPath(item, path.slice('item.'.length))
    return readPath(call.request, path)
  }
  return { read, text: (template) => fillTemplate(template, read) }
}
