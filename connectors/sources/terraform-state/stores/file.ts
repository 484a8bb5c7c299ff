import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { commonStateConfig } from '../common-config.ts'
import { readState } from '../state-file.ts'
import type { StateStore } from '../state-store.ts'

export const fileStateConfig = z.strictObject({ path: z.string(), ...commonStateConfig })

/** A state in a file on this machine. */
export function fileStore({ path }: z.output<typeof fileStateConfig>): StateStore {
  return {
    name: path,
    places: async () => [path],
    covers: (place) => place === path,
    read: readState,
    isLocked: async () => existsSync(join(dirname(path), `.${basename(path)}.lock.info`)),
  }
}
