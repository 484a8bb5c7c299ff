import type { Actor } from '../schemas/types.ts'
import { awsActor } from './actor.ts'
import type { JsonObject } from './finding.ts'
import { isObject } from './paths.ts'

/** What has been worked out before, by a key that stands for all that it was worked out from. */
export interface Kept<V> {
  get(key: string): V | undefined
  set(key: string, value: V): unknown
}

/**
 * awsActor through what is kept: one principal makes many calls. Of the record the key holds everything that awsActor
 * reads, so that the answer is the same. It must not be written to.
 */
export function keptActor(record: JsonObject, kept: Kept<Actor>): Actor {
  const key = keyOf(record)
  const known = kept.get(key)
  if (known) return known
  const actor = awsActor(record)
  kept.set(key, actor)
  return actor
}

/** Writing the parts one behind the other takes half the time of JSON, which takes longer than the actor itself. */
function keyOf(record: JsonObject): string {
  const user = objectOf(record.userIdentity)
  const session = objectOf(user.sessionContext)
  const issuer = objectOf(session.sessionIssuer)
  const { type, principalId, arn, accountId, userName, invokedBy } = user
  const { userAgent, sourceIPAddress, eventType, eventSource, sessionCredentialFromConsole } = record
  const who = `${type}\0${principalId}\0${arn}\0${accountId}\0${userName}\0${invokedBy}`
  const role = `${issuer.arn}\0${issuer.userName}\0${issuer.accountId}`
  const mfa = objectOf(session.attributes).mfaAuthenticated
  const how = `${mfa}\0${objectOf(user.onBehalfOf).userId}\0${sessionCredentialFromConsole}`
  return `${who}\0${role}\0${how}\0${sourceIPAddress}\0${eventType}\0${eventSource}\0${userAgent}`
}

function objectOf(value: unknown): JsonObject {
  return isObject(value as never) ? (value as JsonObject) : {}
}
