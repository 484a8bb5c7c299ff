import type { Modifier } from '../mappings/format.ts'
import type { Json } from './finding.ts'

/** What `{path:modifier}` puts in for what lies at the path. */
const modifiers: Readonly<Record<Modifier, (text: string) => string>> = {
  /** As DNS compares names: without the last dot, in lower case; `\\052` is how Route 53 writes a star. */
  dns: (text) => text.replace(/\.$/, '').replaceAll('\\052', '*').toLowerCase(),
  /** The name in an ARN or a path. */
  last: (text) => text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf(':')) + 1),
  lower: (text) => text.toLowerCase(),
  /** The name of a secret, whose ARN has a dash and six characters behind it. */
  secret: (text) => (text.startsWith('arn:') ? text.replace(/^.*:secret:/, '').replace(/-\w{6}$/, '') : text),
}

/**
 * A text with `{path}` in it, a path alone, or `=text`: that text, for what there is one of in an account and region.
 * ` | ` separates alternatives, of which the first that is complete counts. null where a part is missing.
 */
export function fillTemplate(template: string, read: (path: string) => Json | undefined): string | null {
  for (const alternative of template.split(' | ')) {
    const text = alternative.startsWith('=')
      ? alternative.slice(1)
      : alternative.includes('{')
        ? filled(alternative, read)
        : nameOf(read(alternative))
    if (text !== null) return text
  }
  return null
}

function filled(template: string, read: (path: string) => Json | undefined): string | null {
  let complete = true
  const text = template.replaceAll(/\{(.+?)(?::(\w+))?\}/g, (_, path: string, modifier?: Modifier) => {
    const value = read(path)
    const part = typeof value === 'boolean' ? String(value) : nameOf(value)
    if (part === null) complete = false
    return modifier === undefined ? (part ?? '') : modifiers[modifier](part ?? '')
  })
  return complete ? text : null
}

function nameOf(value: Json | undefined): string | null {
  if (typeof value === 'string') return value === '' ? null : value
  return typeof value === 'number' ? String(value) : null
}

/** The paths that a template reads. */
export function pathsOf(template: string): string[] {
  return template
    .split(' | ')
    .filter((one) => !one.startsWith('='))
    .flatMap((one) =>
      one.includes('{') ? [...one.matchAll(/\{(.+?)(?::\w+)?\}/g)].map((match) => match[1]!) : [one],
    )
}
