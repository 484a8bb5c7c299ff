import { LRUCache } from 'lru-cache'
import { type Document, isMap, isSeq, LineCounter, parseDocument } from 'yaml'
import { type Fault, faultsOf } from './faults.ts'
import { locate } from './locate.ts'
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
}

/** A rule file; `parsed`: what stands in it, where the build has read it already. */
export interface RuleFile {
  path: string
  text: string
  parsed?: unknown
}

/** The rules of texts that were read before: reading YAML takes a hundred times as long as all the rest. */
const known = new LRUCache<string, unknown[]>({ max: 64 })

/** Reads rule files. One faulty rule does not cost the others; what to do about it is the caller's decision. */
export function loadRules(files: readonly RuleFile[]): LoadedRules {
  const rules: Rule[] = []
  const errors: RuleFault[] = []
  const places = new Map<string, () => string>()
  for (const file of files) loadFile(file)
  return { rules, errors }

  function loadFile({ path, text, parsed }: RuleFile): void {
    const source = sourceOf(text)
    const report = (fault: Fault, at: number) => {
      const { line, col: column } = source().lines.linePos(at)
      errors.push({ file: path, line: Math.max(line, 1), column: Math.max(column, 1), ...fault })
    }
    const before = errors.length
    const entries = rulesOf(parsed) ?? known.get(text) ?? readEntries(source().document, report)
    if (errors.length === before) known.set(text, entries)
    for (const [index, entry] of entries.entries()) {
      const parsed = ruleSchema.safeParse(entry)
      for (const fault of faultsOf(parsed.error?.issues ?? [], entry)) {
        const at = ['rules', index, ...fault.path]
        report({ ...fault.fault, field: fieldName(at) }, locate(source().document, at, fault.onKey))
      }
      if (parsed.success) accept({ ...parsed.data, file: path }, index)
    }

    function accept(rule: Rule, index: number): void {
      const at = ['rules', index, 'id']
      const position = () => locate(source().document, at, false)
      const earlier = places.get(rule.id)
      if (earlier) {
        const message = `the id "${rule.id}" is taken already, at ${earlier()}`
        report({ field: fieldName(at), message, fix: 'give each rule an id of its own' }, position())
        return
      }
      places.set(rule.id, () => `${path}:${source().lines.linePos(position()).line}`)
      rules.push(rule)
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
