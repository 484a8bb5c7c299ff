import { readFile, stat } from 'node:fs/promises'
import { StateFormatError } from './state-format-error.ts'
import type { StateObject } from './state-store.ts'

/**
 * The file, or null if it is as it was when `token` was given. Throws StateFormatError, naming the file and the fix.
 */
export async function readState(path: string, token?: string): Promise<StateObject | null> {
  try {
    const { mtimeMs, size, ino } = await stat(path)
    const look = `${mtimeMs} ${size} ${ino}`
    if (look === token) return null
    return { bytes: await readFile(path), modifiedAt: Math.round(mtimeMs), token: look }
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): StateFormatError {
  const { code } = error as NodeJS.ErrnoException
  const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`
  return new StateFormatError(
    `${path}: ${why}; correct the path, or write the state there with terraform state pull`,
  )
}
