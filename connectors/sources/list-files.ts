import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'

/** A regular file, as it was when it was looked at. */
export interface FoundFile {
  path: string
  size: number
  mtimeMs: number
}

/**
 * The regular files at a path: the file itself, or all in the folder and its subfolders, in the order of their
 * paths. Hidden ones are left out: copying tools write under such names. Throws if the path cannot be read; what
 * vanishes while it is being listed is passed over.
 */
export async function* listFiles(root: string): AsyncGenerator<FoundFile> {
  const found = await stat(root)
  if (found.isDirectory()) yield* filesAmong(root, await entriesOf(root))
  else yield { path: root, size: found.size, mtimeMs: found.mtimeMs }
}

async function* filesAmong(folder: string, entries: Dirent[]): AsyncGenerator<FoundFile> {
  const visible = entries.filter(({ name }) => !name.startsWith('.'))
  for (const entry of visible.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) {
      yield* filesAmong(file, await entriesOf(file).catch(unlessGone))
      continue
    }
    const found = await stat(file).catch(() => null)
    if (found?.isFile()) yield { path: file, size: found.size, mtimeMs: found.mtimeMs }
  }
}

function entriesOf(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true })
}

function unlessGone(error: NodeJS.ErrnoException): Dirent[] {
  if (error.code === 'ENOENT') return []
  throw error
}
