import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { ConfigError, type Fault, type FieldPath, formatField } from './faults.ts'

/** A YAML file: its content, and where in the text each field stands. */
export interface ConfigDocument {
  content: unknown
  /** A fault of this field, placed at its key, or at the nearest enclosing one where it is missing. */
  fault(path: FieldPath, message: string, fix: string): Fault
}

/** Parses the text of a configuration file. Throws ConfigError with every fault of the syntax. */
export function parseYaml(text: string, file: string): ConfigDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })

  function faultAt(offset: number, field: string, message: string, fix: string): Fault {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col, field, message, fix }
  }

  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map(({ pos, message }) =>
        faultAt(pos[0], '', `not YAML: ${message}`, 'correct the syntax'),
      ),
    )
  }

  function contentOf(): unknown {
    try {
      return document.toJS() ?? {}
    } catch (error) {
      const { message } = error as ReferenceError
      throw new ConfigError([faultAt(0, '', `not YAML: ${message}`, 'correct the syntax')])
    }
  }

  function fault(path: FieldPath, message: string, fix: string): Fault {
    return faultAt(offsetOf(path), formatField(path), message, fix)
  }

  function offsetOf(path: FieldPath): number {
    let node: unknown = document.contents
    let offset = document.contents?.range?.[0] ?? 0
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(document)
      const pair = isMap(node)
        ? node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step))
        : undefined
      const next = isSeq(node) ? node.items[Number(step)] : pair?.value
      const anchor = (pair?.key ?? next) as Node | null | undefined
      if (!anchor) break
      offset = anchor.range?.[0] ?? offset
      node = next
    }
    return offset
  }

  return { content: contentOf(), fault }
}
