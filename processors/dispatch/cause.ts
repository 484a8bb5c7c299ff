import { createHash } from 'node:crypto'
import type { Alert } from '../../schemas/types.ts'

/** What alerts of one cause share: who did it, with what, from where, in which account. Told by a hash of these. */
export function causeOf({
  actor,
  resource,
  sourceEvent,
}: Pick<Alert, 'actor' | 'resource' | 'sourceEvent'>): string {
  const who = actor.arn ?? actor.principalId ?? actor.email ?? actor.name
  // A finding that names nobody is of its own kind only.
  const nobody = who === '' || who === 'unknown' ? sourceEvent.name : null
  const account = resource?.account ?? actor.account
  const parts = [resource?.provider ?? null, account, who, actor.tool, actor.sourceIp, nobody]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
