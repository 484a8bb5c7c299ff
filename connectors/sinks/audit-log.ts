import { type FileHandle, open, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { AlertJson } from '../alert-json.ts'
import type { Check } from '../check.ts'
import { DeliveryError, type Sink } from '../sink.ts'
import { auditLine, rotatedName } from './audit-entry.ts'
import { type AuditTail, BrokenAuditLog, readAuditTail, tornEnding } from './audit-tail.ts'
import { unwritableFile } from './unwritable-file.ts'

export const auditLogConfig = z.strictObject({
  path: z.string().min(1),
  /** A file that is larger is moved to PATH.SEQ before the next batch. */
  maxBytes: z.int().min(1).default(100_000_000),
})

type AuditLogConfig = z.output<typeof auditLogConfig>

const BATCH = 100

/**
 * Appends every alert to a file, one JSON object a line, each with the hash of the one before, so that
 * `tfdrift audit verify` finds whatever is changed, taken out or put in. Nothing is ever taken back: what a crash has
 * torn off is marked, and the next entry vouches for it. Each batch is on the disk before it counts as delivered; what
 * a crash makes the runner hand over again is found in the file and not written twice. One process writes a file.
 */
export function auditLogSink({ path, maxBytes }: AuditLogConfig): Sink {
  /** Null: to be read from the file. `size` and `ino` tell whether it is still the file that we left. */
  let known: (AuditTail & { size: number; ino: number }) | null = null

  async function deliver(alerts: readonly AlertJson[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    try {
      await append(alerts)
    } catch (error) {
      known = null
      throw refusal(path, error)
    }
  }

  async function append(alerts: readonly AlertJson[]): Promise<void> {
    const found = await stat(path).catch(() => null)
    const isAsLeft = known && found && known.size === found.size && known.ino === found.ino
    const tail = isAsLeft && known ? known : await readAuditTail(path, BATCH)
    const isFull = found !== null && found.size > maxBytes && tail.torn.length === 0
    if (isFull) await rotate(tail)
    const file = await open(path, 'a', 0o640)
    try {
      const text = write(tail, alerts)
      if (text !== '') await file.appendFile(text)
      await file.sync()
      if (isFull || !isAsLeft) await syncFolder(path)
      known = { ...tail, ...(await placeOf(file)) }
    } finally {
      await file.close()
    }
  }

  async function rotate({ head }: AuditTail): Promise<void> {
    const target = rotatedName(path, head)
    if (await stat(target).catch(() => null)) throw new BrokenAuditLog(target)
    await rename(path, target)
  }

  return { batchSize: BATCH, deliver }
}

/** The lines of what the log does not hold yet; moves the tail on. */
function write(tail: AuditTail, alerts: readonly AlertJson[]): string {
  const at = new Date().toISOString()
  const isNew = ({ id, status }: AlertJson) => !tail.recent.has(`${id}:${status}`)
  const lines: string[] = []
  const fresh = alerts.filter(isNew)
  const torn = tail.torn.length > 0 && fresh.length > 0 ? tornEnding(tail.torn) : null
  for (const [index, alert] of fresh.entries()) {
    const { line, head } = auditLine(tail.head, alert, at, index === 0 && torn ? torn.hash : null)
    lines.push(`${line}\n`)
    tail.head = head
  }
  if (torn) tail.torn = Buffer.alloc(0)
  tail.recent = new Set([...tail.recent, ...fresh.map(({ id, status }) => `${id}:${status}`)].slice(-BATCH))
  return `${torn?.ending ?? ''}${lines.join('')}`
}

/** Opens the file as a batch would, which creates it if it is missing, and reads its end. */
export async function checkAuditLog({ path }: AuditLogConfig): Promise<Check[]> {
  const what = `audit log ${path}`
  try {
    await (await open(path, 'a', 0o640)).close()
    await readAuditTail(path, 1)
    return [{ what, ok: true }]
  } catch (error) {
    const [problem, fix] = refusal(path, error).message.split('): ')
    return [{ what, ok: false, problem: fix ? `${problem})` : problem!, fix: fix ?? 'see the path' }]
  }
}

async function placeOf(file: FileHandle): Promise<{ size: number; ino: number }> {
  const { size, ino } = await file.stat()
  return { size, ino }
}

/** So that a file's name, too, is there after the power has failed. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function refusal(path: string, cause: unknown): DeliveryError {
  if (cause instanceof BrokenAuditLog) {
    const what = `${path} cannot be continued (broken): see tfdrift audit verify; moved away, a new chain begins`
    return new DeliveryError(what, { retryable: true, cause })
  }
  return unwritableFile(path, cause)
}
