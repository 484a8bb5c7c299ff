import type { Modifier } from '../mappings/template-path.ts'
import type { Json } from './finding.ts'

/** What `{path:modifier}` puts in for what lies at the path. */
const modifiers: Readonly<Record<Modifier, (text: string) => string | null>> = {
  /** As DNS compares names: without the last dot, in lower case; `\\052` is how Route 53 writes a star. */
  dns: (text) => text.replace(/\.$/, '').replaceAll('\\052', '*').toLowerCase(),
  /** The name in an ARN or a path. */
  last: (text) => text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf(':')) + 1),
  /** What stands behind the last slash: NAME:REVISION of an ARN. */
  base: (text) => text.slice(text.lastIndexOf('/') + 1),
  lower: (text) => text.toLowerCase(),
  /** A queue's account and name: the hosts of its URLs have changed over the years. */
  queue: (text) => text.replace(/^https?:\/\/[^/]+\//, ''),
  /** The name of a secret, whose ARN has a dash and six characters behind it. */
  secret: (text) => (text.startsWith('arn:') ? text.replace(/^.*:secret:/, '').replace(/-\w{6}$/, '') : text),
  /** Of a link to a resource of Google Cloud what its id is. */
  path: (text) => /(?:^|\/)(projects\/.+)$/.exec(text)?.[1] ?? text,
  /** Lambda's function in a name, an ARN or a part of one, and the version or alias behind it. */
  function: (text) => functionIn(text)[0]!,
  qualifier: (text) => functionIn(text)[1] ?? null,
}

/** Reads what lies at the path; `before` is what stands before it in a path: `zones` of `zones/{zone}`. */
type Read = (path: string, before?: string) => Json | undefined

/**
 * A text with `{path}` in it, a path alone, or `=text`: that text, for what there is one of in an account and region.
 * ` | ` separates alternatives, of which the first that is complete counts. null where a part is missing, but for
 * `[/{path}]`, which is then left out.
 */
export function fillTemplate(template: string, read: Read): string | null {
  if (!template.includes(' | ')) return textOf(template, read)
  for (const alternative of template.split(' | ')) {
    const text = textOf(alternative, read)
    if (text !== null) return text
  }
  return null
}

const parts = /\[([^[\]{}]*)\{([^{}]+?)(?::(\w+))?\}([^[\]{}]*)\]|(?:([^/{}[\]]+)\/)?\{(.+?)(?::(\w+))?\}/g

type Groups = (string | undefined)[]

function textOf(template: string, read: Read): string | null {
  if (template.startsWith('=')) return template.slice(1)
  return template.includes('{') ? filled(template, read) : nameOf(read(template))
}

function filled(template: string, read: Read): string | null {
  let complete = true
  const text = template.replaceAll(parts, (_, ...groups: Groups) => {
    const [lead, optional, itsModifier, trail, before, path, modifier] = groups
    if (optional !== undefined) {
      const part = partOf(read(optional), itsModifier)
      return part === null ? '' : `${lead}${part}${trail}`
    }
    const part = partOf(read(path!, before), modifier)
    if (part === null) complete = false
    return before === undefined ? (part ?? '') : `${before}/${part}`
  })
  return complete ? text : null
}

function partOf(value: Json | undefined, modifier: string | undefined): string | null {
  const part = typeof value === 'boolean' ? String(value) : nameOf(value)
  return part === null || modifier === undefined ? part : modifiers[modifier as Modifier](part)
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
    .filter((one) => !one.startsWith('='))
    .flatMap((one) =>
      one.includes('{') ? [...one.matchAll(/\{(.+?)(?::\w+)?\}/g)].map((match) => match[1]!) : [one],
    )
}

/** What lies at a path, or, of ` | ` alternatives, at the first that leads anywhere. */
export function firstOf(path: string, read: (path: string) => Json | undefined): Json | undefined {
  for (const one of path.split(' | ')) {
    const value = read(one)
    if (value !== undefined) return value
  }
  return undefined
}
