import { LRUCache } from 'lru-cache'
import { type Document, isMap, isSeq, LineCounter, parseDocument } from 'yaml'
import { type Fault, faultsOf } from './faults.ts'
import { locate } from './locate.ts'
import { locateWithin } from './locate-within.ts'
import { type Rule, ruleSchema } from './schema.ts'

/** What is wrong with a rule file, where, and how to mend it. Lines and columns count from 1. */
export interface RuleFault extends Fault {
  file: string
  line: number
  column: number
}

export interface LoadedRules {
  /** The rules without fault, in the order of the files. */
  rules: Rule[]
  errors: RuleFault[]
  /** Where in its file something of a rule stands, by its path in the rule. */
  placeOf(rule: Rule, path: readonly PropertyKey[]): Place
}

type Place = Pick<RuleFault, 'file' | 'line' | 'column' | 'field'>

/** A rule file. */
export interface RuleFile {
  path: string
  text: string
  /** What stands in it, where the build has read it already. */
  parsed?: unknown
  /** It is of a pack that comes with the product. */
  shipped?: boolean
}

/** The rules of texts that were read before: reading YAML takes a hundred times as long as all the rest. */
const known = new LRUCache<string, unknown[]>({ max: 64 })

/**
 * Reads rule files. One faulty rule does not cost the others; what to do about it is the caller's decision. A rule takes
 * the place of the shipped one that has its id.
 */
export function loadRules(files: readonly RuleFile[]): LoadedRules {
  const rules: Rule[] = []
  const errors: RuleFault[] = []
  const taken = new Map<string, { rule: Rule; place: () => string; shipped: boolean }>()
  const finders = new Map<Rule, (path: readonly PropertyKey[]) => Place>()
  for (const file of files) loadFile(file)
  return { rules, errors, placeOf: (rule, path) => finders.get(rule)!(path) }

  function loadFile({ path, text, parsed, shipped = false }: RuleFile): void {
    const source = sourceOf(text)
    const placeAt = (at: number) => {
      const { line, col: column } = source().lines.linePos(at)
      return { file: path, line: Math.max(line, 1), column: Math.max(column, 1) }
    }
    const report = (fault: Fault, at: number) => void errors.push({ ...placeAt(at), ...fault })
    const before = errors.length
    const entries = rulesOf(parsed) ?? known.get(text) ?? readEntries(source().document, report)
    if (errors.length === before) known.set(text, entries)
    for (const [index, entry] of entries.entries()) {
      const parsed = ruleSchema.safeParse(entry)
      for (const fault of faultsOf(parsed.error?.issues ?? [], entry)) {
        const at = ['rules', index, ...fault.path]
        const { document } = source()
        const start = locate(document, at, fault.onKey)
        const place =
          fault.offset === undefined
            ? start
            : locateWithin(text, start, String(document.getIn(at)), fault.offset)
        report({ ...fault.fault, field: fieldName(at) }, place)
      }
      if (parsed.success) accept({ ...parsed.data, file: path }, index)
    }

    function accept(rule: Rule, index: number): void {
      const at = ['rules', index, 'id']
      const position = () => locate(source().document, at, false)
      const earlier = taken.get(rule.id)
      if (earlier?.shipped && !shipped) rules.splice(rules.indexOf(earlier.rule), 1)
      else if (earlier) {
        const message = `the id "${rule.id}" is taken already, at ${earlier.place()}`
        report({ field: fieldName(at), message, fix: 'give each rule an id of its own' }, position())
        return
      }
      taken.set(rule.id, { rule, place: () => `${path}:${placeAt(position()).line}`, shipped })
      rules.push(rule)
      finders.set(rule, (within) => {
        const whole = ['rules', index, ...within]
        return { ...placeAt(locate(source().document, whole, false)), field: fieldName(whole) }
      })
    }
  }
}

/** The YAML with the places of all that stands in it, read when a place is first asked for. */
function sourceOf(text: string): () => { document: Document; lines: LineCounter } {
  let source: { document: Document; lines: LineCounter } | null = null
  return () => {
    if (source) return source
    const lines = new LineCounter()
    source = { document: parseDocument(text, { lineCounter: lines }), lines }
    return source
  }
}

function rulesOf(parsed: unknown): unknown[] | undefined {
  return (parsed as { rules: unknown[] } | undefined)?.rules
}

/** The items under `rules:`; none if the file is not a rule file at all, which is reported. */
function readEntries(document: Document, report: (fault: Fault, at: number) => void): unknown[] {
  for (const { pos, message } of document.errors) {
    report(
      { field: '', message: `not valid YAML: ${message.split(/ at line |\n/)[0]}`, fix: 'mend the YAML' },
      pos[0],
    )
  }
  if (document.errors.length > 0) return []
  const { contents } = document
  const fix = 'begin the file with "rules:", and list the rules below it'
  if (!isMap(contents)) {
    report({ field: '', message: 'holds no rules', fix }, contents?.range?.[0] ?? 0)
    return []
  }
  for (const { key } of contents.items) {
    if (String(key) === 'rules') continue
    report(
      { field: String(key), message: `unknown key "${key}"`, fix },
      locate(document, [String(key)], true),
    )
  }
  if (!isSeq(contents.get('rules'))) {
    report({ field: 'rules', message: 'must be a list', fix }, locate(document, ['rules'], false))
    return []
  }
  return plainRules(document, report)
}

function plainRules(document: Document, report: (fault: Fault, at: number) => void): unknown[] {
  try {
    return (document.toJS() as { rules: unknown[] }).rules
  } catch (error) {
    const message = `cannot be read: ${(error as Error).message}`
    report({ field: '', message, fix: 'use fewer aliases (*name)' }, 0)
    return []
  }
}

function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .slice(1)
}
