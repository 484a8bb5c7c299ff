import type { Json, JsonObject } from './finding.ts'

/**
 * Reads `a.b`, `a[0].b`, `a[].b` (every element's b, as a list) and `a[key=idle_timeout.seconds].b` (of the element
 * whose key is that). undefined where the path leads nowhere. A bare object stands for a list of one, as CloudTrail
 * collapses such lists.
 */
export function readPath(value: Json | undefined, path: string): Json | undefined {
  return read(value, stepsOf(path), 0)
}

function read(value: Json | undefined, steps: readonly Step[], from: number): Json | undefined {
  let current: Json | undefined = value
  for (let i = from; i < steps.length; i++) {
    const step = steps[i]!
    if (current === undefined || current === null) return undefined
    current = own(current, step.name)
    if (step.pick === undefined) continue
    if (current === undefined || current === null) return undefined
    if (step.pick !== 'each') {
      current = picked(current, step.pick)
      continue
    }
    const items = listOf(current)
    if (i === steps.length - 1) return items
    return items.flatMap((item) => {
      const found = read(item, steps, i + 1)
      return found === undefined ? [] : [found]
    })
  }
  return current
}

interface Step {
  name: string
  /** What to take of a list. */
  pick?: Pick
}

type Pick = 'each' | number | { field: string; value: string }

function picked(value: Json, pick: number | { field: string; value: string }): Json | undefined {
  if (typeof pick === 'number') return Array.isArray(value) ? value[pick] : pick === 0 ? value : undefined
  return listOf(value).find((item) => isObject(item) && String(item[pick.field]) === pick.value)
}

function listOf(value: Json): Json[] {
  if (Array.isArray(value)) return value
  return isObject(value) && Object.keys(value).length === 0 ? [] : [value]
}

const cache = new Map<string, Step[]>()

function stepsOf(path: string): Step[] {
  let steps = cache.get(path)
  if (!steps) {
    steps = (path.match(/(?:[^.[\]]|\[[^\]]*\])+/g) ?? []).map(parseStep)
    cache.set(path, steps)
  }
  return steps
}

function parseStep(text: string): Step {
  const [, name, inner] = /^(.*?)\[(.*)\]$/.exec(text) ?? []
  if (name === undefined || inner === undefined) return { name: text }
  if (inner === '') return { name, pick: 'each' }
  const equals = inner.indexOf('=')
  return equals < 0
    ? { name, pick: Number(inner) }
    : { name, pick: { field: inner.slice(0, equals), value: inner.slice(equals + 1) } }
}

function own(value: Json, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
