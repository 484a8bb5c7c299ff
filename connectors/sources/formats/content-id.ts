import { createHash } from 'node:crypto'
import { canonicalJson } from '../../canonical-json.ts'
import type { JsonObject } from '../../json.ts'
import { redact } from '../../redact.ts'

/**
 * The id of a record that has none of its own (only rewritten logs have such): `sha256:` and the hash of its content
 * without secrets, which is the same wherever and whenever it is read.
 */
export function contentId(record: JsonObject): string {
  const content = canonicalJson(redact(record, () => ''))
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}
