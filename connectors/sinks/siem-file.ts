import { type FileHandle, open } from 'node:fs/promises'
import { z } from 'zod'
import type { Check } from '../check.ts'
import type { Sink } from '../sink.ts'
import { ocsf } from './formats/ocsf.ts'
import { unwritableFile } from './unwritable-file.ts'

export const siemFileConfig = z.strictObject({
  path: z.string().min(1),
  format: z.literal('ocsf').default('ocsf'),
})

const writers = { ocsf }
const NEWLINE = 0x0a

/**
 * Appends alerts to a file, one JSON object a line, for a log shipper to carry on. Each batch is on the disk before
 * it counts as delivered. The file is opened for each batch, so that logrotate may move it away at any time; it
 * is created (readable by its group) if it is missing, its folder is not.
 */
export function siemFileSink({ path, format = 'ocsf' }: z.input<typeof siemFileConfig>): Sink {
  return {
    batchSize: 500,
    async deliver(alerts, signal) {
      signal.throwIfAborted()
      const file = await open(path, 'a+', 0o640).catch((error) => {
        throw unwritableFile(path, error)
      })
      try {
        await append(file, writers[format](alerts))
      } catch (error) {
        throw unwritableFile(path, error)
      } finally {
        await file.close()
      }
    },
  }
}

/** Opens the file as a batch would, which creates it if it is missing. */
export async function checkSiemFile({ path }: z.output<typeof siemFileConfig>): Promise<Check[]> {
  const what = `file ${path}`
  try {
    await (await open(path, 'a+', 0o640)).close()
    return [{ what, ok: true }]
  } catch (error) {
    const [problem, fix] = unwritableFile(path, error).message.split('): ')
    return [{ what, ok: false, problem: fix ? `${problem})` : problem!, fix: fix ?? 'see the path' }]
  }
}

/**
 * What a crash tore off stays alone on its line and spoils no other. What a full disk cut is taken back, or every
 * attempt would leave the same lines again.
 */
async function append(file: FileHandle, text: string): Promise<void> {
  const { size } = await file.stat()
  const last = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1))
  const isTorn = last.bytesRead === 1 && last.buffer[0] !== NEWLINE
  try {
    await file.appendFile(isTorn ? `\n${text}` : text)
    await file.sync()
  } catch (error) {
    await file.truncate(size)
    throw error
  }
}
