import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { AlertJson } from '../alert-json.ts'

/** Where a chain has come to. */
export interface AuditHead {
  /** Of the last entry; 0: there is none. */
  seq: number
  /** Of the last entry. The first one follows upon zeros. */
  hash: string
}

export interface AuditEntry extends AuditHead {
  /** The hash of the entry before. */
  prev: string
  /** SHA-256 of the torn lines between that entry and this one. */
  torn?: string
  alert: AlertJson
}

export const NEWLINE = 0x0a
export const emptyHead: AuditHead = { seq: 0, hash: '0'.repeat(64) }

/** Ends the line that a crash has torn off. An entry ends with `}`, so that neither is taken for the other. */
export const TORN = ' (torn)'

const ENDING = /^,"hash":"([0-9a-f]{64})"}$/
const ENDING_BYTES = 75

/** One line, without its line break, and the head that it makes. Its hash is of the text before `,"hash"`, closed. */
export function auditLine(
  { seq, hash: prev }: AuditHead,
  alert: AlertJson,
  at: string,
  torn: string | null,
): { line: string; head: AuditHead } {
  const body = JSON.stringify({ seq: seq + 1, at, prev, ...(torn !== null && { torn }), alert })
  const hash = sha256(body)
  return { line: `${body.slice(0, -1)},"hash":"${hash}"}`, head: { seq: seq + 1, hash } }
}

/** The entry in a line; null if it is none, or not as it was written. */
export function readAuditLine(line: Buffer): AuditEntry | null {
  const [, hash] = ENDING.exec(line.subarray(-ENDING_BYTES).toString('latin1')) ?? []
  const body = Buffer.concat([line.subarray(0, -ENDING_BYTES), Buffer.from('}')])
  if (hash === undefined || sha256(body) !== hash) return null
  try {
    const { seq, prev, torn, alert } = JSON.parse(body.toString('utf8'))
    const isEntry = Number.isInteger(seq) && typeof prev === 'string' && typeof alert?.id === 'string'
    return isEntry ? { seq, prev, hash, alert, ...(torn !== undefined && { torn }) } : null
  } catch {
    return null
  }
}

/** The files of a log that were rotated, oldest first: PATH.SEQ, with the number of their last entry. */
export async function rotatedFiles(path: string): Promise<string[]> {
  const name = basename(path)
  const found = await readdir(dirname(path))
  const isRotated = (file: string) =>
    file.startsWith(`${name}.`) && /^\d{12}$/.test(file.slice(name.length + 1))
  return found
    .filter(isRotated)
    .sort()
    .map((file) => join(dirname(path), file))
}

export function rotatedName(path: string, { seq }: AuditHead): string {
  return `${path}.${String(seq).padStart(12, '0')}`
}

export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
