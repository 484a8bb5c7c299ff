import { access, constants, readFile, stat } from 'node:fs/promises'
import { StateFormatError } from './state-format-error.ts'

/** The content of a state file. */
export interface StateFile {
  bytes: Buffer
  /** Modification time, epoch milliseconds. */
  modifiedAt: number
  /** What changes with every version of the file. */
  look: string
}

/** The file, or null if it looks as it did before. Throws StateFormatError, naming the file and the fix. */
export async function readState(path: string, before?: string): Promise<StateFile | null> {
  try {
    const { mtimeMs, size, ino } = await stat(path)
    const look = `${mtimeMs} ${size} ${ino}`
    return look === before ? null : { bytes: await readFile(path), modifiedAt: Math.round(mtimeMs), look }
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** Throws StateFormatError if the file could not be read just now. */
export async function ensureStateFile(path: string): Promise<void> {
  await access(path, constants.R_OK).catch((error) => {
    throw unreadable(path, error)
  })
}

function unreadable(path: string, error: unknown): StateFormatError {
  const { code } = error as NodeJS.ErrnoException
  const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`
  return new StateFormatError(
    `${path}: ${why}; correct the path, or write the state there with terraform state pull`,
  )
}
