import type { CloudCall, Json, JsonObject } from '../finding.ts'
import { isObject, readPath } from '../paths.ts'
import { filled } from '../template.ts'

/** Where a mapping's paths are read: the request, `response.`, and `item.` for the element of `each`. */
export interface Values {
  read(path: string): Json | undefined
  /** A path, or a text with `{path}` in it, as processors/template.ts has it. null where a part is missing. */
  text(template: string): string | null
}

/** One Values for each element of `each`; one for the whole call without it. */
export function valuesOf(call: CloudCall, each: string | undefined): Values[] {
  if (each === undefined) return [values(call, {})]
  const list = values(call, {}).read(each)
  const items = Array.isArray(list) ? list : isObject(list) && Object.keys(list).length > 0 ? [list] : []
  return items.map((item) => values(call, isObject(item) ? item : { value: item }))
}

function values(call: CloudCall, item: JsonObject): Values {
  function read(path: string): Json | undefined {
    if (path.startsWith('response.')) return readPath(call.response, path.slice('response.'.length))
    if (path.startsWith('item.')) return readPath(item, path.slice('item.'.length))
    return readPath(call.request, path)
  }
  const text = (template: string) => filled(template, (path) => textOf(read(path)))
  return { read, text }
}

function textOf(value: Json | undefined): string | null {
  if (typeof value === 'string') return value === '' ? null : value
  return typeof value === 'number' ? String(value) : null
}
