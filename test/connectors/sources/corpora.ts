import { existsSync } from 'node:fs'
import path from 'node:path'

const folder = process.env.TFDRIFT_CORPORA ?? path.resolve(import.meta.dirname, '../../../../shared/corpora')

/** Recorded audit events and states, too large for the repository; null on a machine that does not have them. */
export const corpora: string | null = existsSync(folder) ? folder : null
