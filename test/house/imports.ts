import path from 'node:path'
import type { SourceFile } from './source.ts'

/** One import, re-export or dynamic import of a file. */
export interface Import {
  /** The file that imports, from the root. */
  file: string
  line: number
  /** The imported file, from the root, or the package (`kafkajs`, `@kafkajs/x`, `node:fs`). */
  target: string
  /** Whether `target` is a file of the project. */
  inside: boolean
  /** Nothing is left of it at run time. `import { type A }` leaves the import itself (verbatimModuleSyntax). */
  typeOnly: boolean
}

// What stands between the keyword and `from` has no quotes or brackets, so that a match cannot run into the next
// statement.
const STATEMENT =
  /^(?:import|export)\s+(type\s)?(?:(?:(?!\b(?:import|export)\b)[\w$*{},\s])*?\bfrom\s*)?['"]([^'"]+)['"]/gm
// In a type, `import('x').T` is for the compiler alone; with `await`, or as an argument, it loads the module.
const DYNAMIC = /^(?!\s*(?:\/\/|\*)).*?\b(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)(\s*\.[A-Z])?/gm

/** Every import of a file. One dynamic import a line is seen. */
export function importsOf({ file, text }: SourceFile): Import[] {
  const entry = (index: number, specifier: string, typeOnly: boolean): Import => {
    const inside = specifier.startsWith('.')
    const target = inside ? path.posix.join(path.posix.dirname(file), specifier) : packageOf(specifier)
    return { file, line: text.slice(0, index).split('\n').length, target, inside, typeOnly }
  }
  const statements = [...text.matchAll(STATEMENT)].map((match) =>
    entry(match.index, match[2]!, match[1] !== undefined),
  )
  const dynamic = [...text.matchAll(DYNAMIC)].map((match) =>
    entry(match.index, match[1]!, match[2] !== undefined),
  )
  return [...statements, ...dynamic]
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** The rounds that imports between files of the project make, each written as `a → b → a`. */
export function cyclesOf(imports: readonly Import[]): string[] {
  const next = new Map<string, string[]>()
  for (const { file, target, inside } of imports) {
    if (inside) next.set(file, [...(next.get(file) ?? []), target])
  }
  const cycles: string[] = []
  const done = new Set<string>()
  function visit(file: string, trail: string[]): void {
    const start = trail.indexOf(file)
    if (start >= 0) cycles.push([...trail.slice(start), file].join(' → '))
    if (start >= 0 || done.has(file)) return
    for (const target of next.get(file) ?? []) visit(target, [...trail, file])
    done.add(file)
  }
  for (const file of next.keys()) visit(file, [])
  return cycles
}
