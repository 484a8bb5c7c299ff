import kafkajs from 'kafkajs'
import { kafkaErrorType } from './kafka-errors.ts'

/** The generation is over, says the coordinator. */
const GONE = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID'])
/** Another generation is being formed: this one may finish what it has begun. */
const ENDING = new Set(['REBALANCE_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP'])

/**
 * What one join of a group has given to this member, and for how long. The coordinator does not call: that the
 * partitions have gone to someone else shows in the answer to a heartbeat or a commit, in the next join, or in nobody
 * answering for a session's length.
 */
export interface Assignment {
  /** False: another member may own the partitions by now; nothing may be published or committed. */
  alive(): boolean
  /** Aborted as soon as no new work may begin; its reason is the error that makes kafkajs join again. */
  readonly ending: AbortSignal
  /** The coordinator has confirmed the membership. */
  confirmed(): void
  /** The coordinator has answered with this error, or not at all. Tells whether it concerns the assignment. */
  refused(error: unknown): boolean
  /** A newer assignment has taken its place. */
  replaced(): void
}

/** `graceMs`: for how long the group waits for its members when it forms anew (the rebalance timeout). */
export function createAssignment(
  sessionMs: number,
  graceMs: number,
  now: () => number = Date.now,
): Assignment {
  const ending = new AbortController()
  let seen = now()
  let graceEnds = Number.POSITIVE_INFINITY
  let gone = false

  return {
    alive: () => !gone && now() - seen < sessionMs && now() < graceEnds,
    ending: ending.signal,
    confirmed: () => {
      seen = now()
    },
    refused: (error) => {
      const type = kafkaErrorType(error) ?? ''
      if (GONE.has(type)) gone = true
      else if (ENDING.has(type)) {
        seen = now()
        graceEnds = Math.min(graceEnds, now() + graceMs / 2)
      } else return false
      ending.abort(error)
      return true
    },
    replaced: () => {
      gone = true
      ending.abort(new Error('the group has been formed anew'))
    },
  }
}

/** Throws, and ends the assignment, if another member may own the partitions by now. */
export function requireAlive(assignment: Assignment): void {
  if (assignment.alive()) return
  const silence = new Error('the coordinator has not confirmed the membership for a whole session')
  assignment.refused(new kafkajs.KafkaJSProtocolError(Object.assign(silence, { type: 'ILLEGAL_GENERATION' })))
  throw assignment.ending.reason
}
