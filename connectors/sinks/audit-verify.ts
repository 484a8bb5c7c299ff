import { createReadStream, existsSync } from 'node:fs'
import {
  type AuditHead,
  emptyHead,
  NEWLINE,
  readAuditLine,
  rotatedFiles,
  sha256,
  TORN,
} from './audit-entry.ts'

export interface AuditReport {
  files: number
  entries: number
  /** Lines that a crash has torn off, each vouched for by the entry after it, or the last of all. */
  torn: number
  head: AuditHead
  /** The first line that is wrong. */
  fault: { file: string; line: number; problem: string } | null
}

export interface AuditExpectation {
  /** The number of the first entry: 1, unless older files have been archived. */
  from: number
  /** A hash that the chain must hold: without one, nothing tells that its end was cut off. */
  contains?: string | undefined
}

/** Walks a log, rotated files first, up to the first line that is wrong. Throws if a file cannot be read. */
export async function verifyAuditLog(
  path: string,
  { from, contains }: AuditExpectation,
): Promise<AuditReport> {
  const files = [...(await rotatedFiles(path)), ...(existsSync(path) ? [path] : [])]
  const report: AuditReport = { files: files.length, entries: 0, torn: 0, head: emptyHead, fault: null }
  let torn: Buffer[] = []
  let isFound = contains === undefined
  let place = { file: path, line: 0 }

  for (const file of files) {
    place = { file, line: 0 }
    for await (const bytes of linesOf(file)) {
      place.line++
      const isEnded = bytes.at(-1) === NEWLINE
      const line = isEnded ? bytes.subarray(0, -1) : bytes
      if (!isEnded || line.subarray(-TORN.length).toString('latin1') === TORN) {
        torn.push(bytes)
        report.torn++
        continue
      }
      const problem = problemOf(line, torn)
      if (problem) return { ...report, fault: { ...place, problem } }
      torn = []
    }
  }
  if (files.length === 0) return { ...report, fault: { ...place, problem: 'there is no such log' } }
  if (!isFound) return { ...report, fault: { ...place, problem: `it ends without the entry ${contains}` } }
  return report

  function problemOf(line: Buffer, before: readonly Buffer[]): string | null {
    const entry = readAuditLine(line)
    if (!entry) return 'is not as it was written'
    const due = report.entries === 0 ? from : report.head.seq + 1
    if (entry.seq !== due) return `is entry ${entry.seq} where ${due} should be`
    const isFirst = report.entries === 0 && from > 1
    if (!isFirst && entry.prev !== report.head.hash) return 'does not follow upon the entry before it'
    const hash = before.length > 0 ? sha256(Buffer.concat(before)) : undefined
    if (entry.torn !== hash) return 'does not vouch for what is torn before it'
    report.entries++
    report.head = { seq: entry.seq, hash: entry.hash }
    isFound ||= entry.hash === contains
    return null
  }
}

/** With their line breaks; the last one may have none. */
async function* linesOf(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = []
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end + 1)])
      rest = []
      start = end + 1
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
  }
  if (rest.length > 0) yield Buffer.concat(rest)
}
