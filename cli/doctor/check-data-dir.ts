import { access, constants, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Check } from '../../connectors/check.ts'

/** The data directory: whether it can be written, or made. Changes nothing. */
export async function checkDataDir(dataDir: string): Promise<Check> {
  const what = `data directory ${dataDir}`
  for (let place = path.resolve(dataDir); ; place = path.dirname(place)) {
    try {
      if (!(await stat(place)).isDirectory())
        return {
          what,
          ok: false,
          problem: `${place} is no folder`,
          fix: 'name another dataDir, or move the file away',
        }
      await access(place, constants.W_OK | constants.X_OK)
      return {
        what: place === path.resolve(dataDir) ? what : `${what} (not there yet; run makes it)`,
        ok: true,
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') continue
      const fix = 'let this user write there, or name another dataDir'
      return { what, ok: false, problem: `${place} cannot be written (${code})`, fix }
    }
  }
}
