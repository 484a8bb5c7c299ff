import type { AlertJson } from '../../alert-json.ts'
import { markdown } from './markdown.ts'
import { ndjson } from './ndjson.ts'
import { ocsf } from './ocsf.ts'
import { sarif } from './sarif.ts'

export type AlertFormat = (alerts: readonly AlertJson[]) => string

/** Every machine format and report that alerts can be written in. `text` is console-format.ts: it needs a terminal. */
export const formats = { ndjson, markdown, ocsf, sarif } satisfies Record<string, AlertFormat>
