import type { Json, JsonObject } from './finding.ts'
import { isObject } from './paths.ts'

/** CloudTrail leaves out what is too long for it, in whole or in part, and says `omitted: true` in its place. */
export function isLeftOut(value: Json | undefined): boolean {
  return isObject(value) && value.omitted === true
}

/** Was the request as a whole, or one of its parameters, left out? */
export function leavesOut(request: JsonObject): boolean {
  return isLeftOut(request) || Object.values(request).some(isLeftOut)
}

/** What stands in the place of a part of this path that was left out; undefined where nothing was. */
export function leftOutOn(path: string, read: (path: string) => Json | undefined): Json | undefined {
  if (!path.includes('.')) return undefined
  const parts = path.split('.')
  for (let length = 1; length < parts.length; length++) {
    const value = read(parts.slice(0, length).join('.'))
    if (isLeftOut(value)) return value
  }
  return undefined
}
