import type { CloudCall, Json, JsonObject } from '../finding.ts'
import { isObject, readPath } from '../paths.ts'
import { fillTemplate } from '../template.ts'

/** Where a mapping's paths are read: the request, `response.`, `item.` for the element of `each`, `call.account`. */
export interface Values {
  read(path: string): Json | undefined
  /** A path, or a text with `{path}` in it (processors/template.ts). null where a part is missing. */
  text(template: string): string | null
}

/** What tells for which things a call has an effect. */
export interface Extent {
  each?: string | undefined
  when?: Record<string, Scalar | Scalar[]> | undefined
}

type Scalar = string | number | boolean | null

/** One Values for each element of `each`, or one for the whole call, where `when` holds. */
export function valuesOf(call: CloudCall, { each, when }: Extent): Values[] {
  const all = each === undefined ? [values(call, {})] : itemsOf(values(call, {}).read(each)).map(asItem)
  return when ? all.filter((one) => holds(when, one)) : all

  function asItem(item: Json): Values {
    return values(call, isObject(item) ? item : { value: item })
  }
}

function itemsOf(list: Json | undefined): Json[] {
  if (Array.isArray(list)) return list
  return isObject(list) && Object.keys(list).length > 0 ? [list] : []
}

function holds(when: NonNullable<Extent['when']>, { read }: Values): boolean {
  return Object.entries(when).every(([path, wanted]) => {
    const value = read(path) ?? null
    return [wanted].flat().some((one) => (one === '*' ? value !== null : isScalar(value, one)))
  })
}

function isScalar(value: Json, wanted: Scalar): boolean {
  return value === null || wanted === null ? value === wanted : String(value) === String(wanted)
}

function values(call: CloudCall, item: JsonObject): Values {
  function read(path: string): Json | undefined {
    if (path.startsWith('response.')) return readPath(call.response, path.slice('response.'.length))
    if (path === 'call.account') return call.account
    if (path.startsWith('item.')) return readPath(item, path.slice('item.'.length))
    return readPath(call.request, path)
  }
  return { read, text: (template) => fillTemplate(template, read) }
}
