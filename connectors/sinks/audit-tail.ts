import { type FileHandle, open } from 'node:fs/promises'
import {
  type AuditHead,
  emptyHead,
  NEWLINE,
  readAuditLine,
  rotatedFiles,
  sha256,
  TORN,
} from './audit-entry.ts'

const FIRST_READ = 256 * 1024

/** What a writer must know of the log before it goes on. */
export interface AuditTail {
  head: AuditHead
  /** ID:STATUS of the last entries of the newest file, in order. */
  recent: Set<string>
  /** What a crash has left after the last entry. */
  torn: Buffer
}

export class BrokenAuditLog extends Error {
  override name = 'BrokenAuditLog'
}

/** Reads the end of a log, for its last `count` entries. Throws BrokenAuditLog where a crash cannot have left it so. */
export async function readAuditTail(path: string, count: number): Promise<AuditTail> {
  const active = await tailOf(path, count)
  if (active && active.head.seq > 0) return active
  const last = (await rotatedFiles(path)).at(-1)
  const rotated = last === undefined ? null : await tailOf(last, count)
  // A file that was moved away is complete: nothing torn is ever left in it.
  if (rotated && (rotated.torn.length > 0 || rotated.head.seq === 0)) throw new BrokenAuditLog(last)
  return {
    head: rotated?.head ?? emptyHead,
    recent: rotated?.recent ?? new Set(),
    torn: active?.torn ?? Buffer.alloc(0),
  }
}

async function tailOf(path: string, count: number): Promise<AuditTail | null> {
  const file = await open(path, 'r').catch((error) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (!file) return null
  try {
    const { size } = await file.stat()
    for (let length = FIRST_READ; ; length *= 4) {
      const tail = judge(await lastBytes(file, size, length), length >= size, count)
      if (tail) return tail
    }
  } finally {
    await file.close()
  }
}

async function lastBytes(file: FileHandle, size: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.min(size, length))
  const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length)
  return bytes.subarray(0, bytesRead)
}

/** Null: more must be read. */
function judge(bytes: Buffer, isWhole: boolean, count: number): AuditTail | null {
  const recent = new Set<string>()
  let head: AuditHead = emptyHead
  let tornFrom = bytes.length
  let end = bytes.length
  while (end > 0 && recent.size < count) {
    const start = bytes.subarray(0, end - 1).lastIndexOf(NEWLINE) + 1
    if (start === 0 && !isWhole) return null
    const isEnded = bytes[end - 1] === NEWLINE
    const line = bytes.subarray(start, isEnded ? end - 1 : end)
    const isTorn = !isEnded || line.subarray(-TORN.length).toString('latin1') === TORN
    const entry = isTorn ? null : readAuditLine(line)
    if (!isTorn && !entry) throw new BrokenAuditLog()
    if (entry) {
      if (head.seq === 0) head = { seq: entry.seq, hash: entry.hash }
      recent.add(`${entry.alert.id}:${entry.alert.status}`)
    } else if (head.seq === 0) {
      tornFrom = start
    }
    end = start
  }
  return { head, recent: new Set([...recent].reverse()), torn: bytes.subarray(tornFrom) }
}

/** What ends a torn line, and the hash that the next entry gives of all that is torn. */
export function tornEnding(torn: Buffer): { ending: string; hash: string } {
  const ending = torn.at(-1) === NEWLINE ? '' : `${TORN}\n`
  return { ending, hash: sha256(Buffer.concat([torn, Buffer.from(ending)])) }
}
