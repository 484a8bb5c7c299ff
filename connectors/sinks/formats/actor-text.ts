import type { AlertJson } from '../../alert-json.ts'

/** Who it was, in one line: person, kind of identity, tool, source, role, and MFA where the event tells. */
export function actorText({ actor, resource }: Pick<AlertJson, 'actor' | 'resource'>): string {
  const isForeign = actor.account && resource?.account && actor.account !== resource.account
  const parts = [
    actor.name || 'unknown',
    actor.email && actor.email !== actor.name && `<${actor.email}>`,
    actor.type && `(${actor.type})`,
    isForeign && `of account ${actor.account}`,
    actor.tool !== 'unknown' && `by ${actor.tool}`,
    actor.sourceIp && `from ${actor.sourceIp}`,
    // arn:aws:iam::123456789012:role/Admin
    actor.sessionIssuer && `as ${actor.sessionIssuer.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, '')}`,
    actor.mfa !== null && (actor.mfa ? 'with MFA' : 'without MFA'),
  ]
  return parts.filter(Boolean).join(' ')
}
