import type { Json, JsonObject } from './finding.ts'

/**
 * Reads `a.b`, `a[0].b` and `a[].b` (every element's b, as a list). undefined where the path leads nowhere.
 * A bare object stands for a list of one, as CloudTrail collapses such lists.
 */
export function readPath(value: Json | undefined, path: string): Json | undefined {
  let current: Json | undefined = value
  const steps = stepsOf(path)
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!
    if (current === undefined || current === null) return undefined
    if (step.each) {
      const rest = steps.slice(i + 1)
      const list: Json = own(current, step.name) ?? null
      if (list === null) return undefined
      const items = Array.isArray(list)
        ? list
        : isObject(list) && Object.keys(list).length === 0
          ? []
          : [list]
      return rest.length === 0
        ? items
        : items.flatMap((item) => {
            const found = readPath(item, rest.map(textOf).join('.'))
            return found === undefined ? [] : [found]
          })
    }
    current = own(current, step.name)
    if (step.index !== undefined && current !== undefined) {
      current = Array.isArray(current) ? current[step.index] : step.index === 0 ? current : undefined
    }
  }
  return current
}

interface Step {
  name: string
  index?: number
  each: boolean
}

const cache = new Map<string, Step[]>()

function stepsOf(path: string): Step[] {
  let steps = cache.get(path)
  if (!steps) {
    steps = path.split('.').map(parseStep)
    cache.set(path, steps)
  }
  return steps
}

function parseStep(text: string): Step {
  const match = /^(.*?)\[(\d*)\]$/.exec(text)
  if (!match) return { name: text, each: false }
  return match[2] === ''
    ? { name: match[1]!, each: true }
    : { name: match[1]!, index: Number(match[2]), each: false }
}

function textOf(step: Step): string {
  return step.name + (step.each ? '[]' : step.index === undefined ? '' : `[${step.index}]`)
}

function own(value: Json, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
