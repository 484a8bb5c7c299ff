import { readFileSync } from 'node:fs'
import path from 'node:path'
import { corpora } from '../connectors/sources/corpora.ts'

/** A file of the recorded events and states; only where they are, which `if (corpora)` asks. */
export function bytesOf(...names: string[]): Buffer {
  return readFileSync(path.join(corpora!, ...names))
}

/** The rows of a table with a header line, by column. */
export function tableOf<Column extends string>(...names: string[]): Record<Column, string>[] {
  const [header = '', ...lines] = bytesOf(...names)
    .toString()
    .trimEnd()
    .split('\n')
  const columns = header.split('\t')
  return lines.map((line) => {
    const cells = line.split('\t')
    return Object.fromEntries(columns.map((column, index) => [column, cells[index]])) as Record<
      Column,
      string
    >
  })
}
