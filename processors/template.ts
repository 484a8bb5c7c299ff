import type { Modifier } from '../mappings/format.ts'
import type { Json } from './finding.ts'

/** What `{path:modifier}` puts in for what lies at the path. */
const modifiers: Readonly<Record<Modifier, (text: string) => string | null>> = {
  /** As DNS compares names: without the last dot, in lower case; `\\052` is how Route 53 writes a star. */
  dns: (text) => text.replace(/\.$/, '').replaceAll('\\052', '*').toLowerCase(),
  /** The name in an ARN or a path. */
  last: (text) => text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf(':')) + 1),
  lower: (text) => text.toLowerCase(),
  /** Lambda's function in a name, an ARN or a part of one, and the version or alias behind it. */
  function: (text) => functionIn(text)[0]!,
  qualifier: (text) => functionIn(text)[1] ?? null,
}

/**
 * A text with `{path}` in it, or a path alone; ` | ` separates alternatives, of which the first that is complete counts.
 * null where a part is missing.
 */
export function fillTemplate(template: string, read: (path: string) => Json | undefined): string | null {
  for (const alternative of template.split(' | ')) {
    const text = alternative.includes('{') ? filled(alternative, read) : nameOf(read(alternative))
    if (text !== null) return text
  }
  return null
}

function filled(template: string, read: (path: string) => Json | undefined): string | null {
  let complete = true
  const text = template.replaceAll(/\{(.+?)(?::(\w+))?\}/g, (_, path: string, modifier?: Modifier) => {
    const value = read(path)
    const named = typeof value === 'boolean' ? String(value) : nameOf(value)
    const part = named !== null && modifier ? modifiers[modifier](named) : named
    if (part === null) complete = false
    return part ?? ''
  })
  return complete ? text : null
}

function functionIn(text: string): string[] {
  return text.replace(/^.*function:/, '').split(':')
}

function nameOf(value: Json | undefined): string | null {
  if (typeof value === 'string') return value === '' ? null : value
  return typeof value === 'number' ? String(value) : null
}

/** The paths that a template reads. */
export function pathsOf(template: string): string[] {
  return template
    .split(' | ')
    .flatMap((one) =>
      one.includes('{') ? [...one.matchAll(/\{(.+?)(?::\w+)?\}/g)].map((match) => match[1]!) : [one],
    )
}
