/** A line of an ignore list: what it says, and where it stands. */
export interface IgnoreLine {
  file: string
  /** From 1. */
  line: number
  /** As it is written, without comments. */
  text: string
  /** A glob of types and addresses. */
  resource: string
  /** A glob of attributes; null: the whole resource. */
  attribute: string | null
  /** What this fits is not ignored after all. */
  negated: boolean
}

/** A difference that an ignore list has taken away. */
export interface Ignored {
  /** null: the resource as a whole. */
  attribute: string | null
  by: IgnoreLine
}

export interface IgnoreFault {
  file: string
  line: number
  column: number
  field: string
  message: string
  fix: string
}

const form =
  'write TYPE, ADDRESS or either with #ATTRIBUTE, such as aws_autoscaling_group.web#desired_capacity'

/**
 * Reads an ignore list: a pattern a line, `#` at its beginning or after a blank begins a comment, `!` before a pattern
 * takes back what earlier lines ignore.
 */
export function parseIgnoreList(text: string, file: string): { lines: IgnoreLine[]; errors: IgnoreFault[] } {
  const lines: IgnoreLine[] = []
  const errors: IgnoreFault[] = []
  for (const [index, whole] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const written = withoutComment(whole).trim()
    if (written === '') continue
    const line = index + 1
    const column = whole.indexOf(written) + 1
    const read = readPattern(written)
    if (typeof read === 'string') errors.push({ file, line, column, field: '', message: read, fix: form })
    else lines.push({ file, line, text: written, ...read })
  }
  return { lines, errors }
}

type Pattern = Pick<IgnoreLine, 'resource' | 'attribute' | 'negated'>

/** A string says what is wrong. */
function readPattern(text: string): Pattern | string {
  const negated = text.startsWith('!')
  const pattern = negated ? text.slice(1).trim() : text
  const mark = outsideQuotes(pattern, (char) => char === '#')
  const resource = mark < 0 ? pattern : pattern.slice(0, mark)
  const attribute = mark < 0 ? null : pattern.slice(mark + 1)
  if (resource === '') return 'names no resource'
  if (attribute === '') return 'names no attribute after #'
  if (outsideQuotes(pattern, (char) => /\s/.test(char)) >= 0) return `"${pattern}" has a blank in it`
  if (!/[*_]|^module\./.test(resource)) return `"${resource}" is neither a type nor an address`
  return { resource, attribute, negated }
}

function withoutComment(line: string): string {
  const at = outsideQuotes(
    line,
    (char, index) => char === '#' && (index === 0 || /\s/.test(line[index - 1]!)),
  )
  return at < 0 ? line : line.slice(0, at)
}

/** Where the first such character stands; keys of for_each, in double quotes, may hold anything. */
function outsideQuotes(text: string, is: (char: string, at: number) => boolean): number {
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"' && text[at - 1] !== '\\') quoted = !quoted
    else if (!quoted && is(text[at]!, at)) return at
  }
  return -1
}
