import type { Actor } from '../schemas/types.ts'

/** A call of Terraform's own that differs from the state and waits for it. */
export interface WaitingCall {
  actor: Actor
  /** When it began to wait, epoch milliseconds. */
  since: number
  /** Somebody holds the lock of the state that it concerns. */
  locked: boolean
}

export interface Patience {
  /** For how long a call waits that is the last one of its apply. */
  settleMs: number
  /** For how long a call waits at most: whoever forges a user agent gains no more than this. */
  longestApplyMs: number
}

/**
 * When each call's time is over, epoch milliseconds, in their order. An apply is in flight while a lock is held, and
 * while calls of one principal follow each other within `settleMs`: it writes the state at its end, so all of its calls
 * wait from its last one.
 */
export function dueTimes(calls: readonly WaitingCall[], { settleMs, longestApplyMs }: Patience): number[] {
  const ends = endsOfBursts(calls, settleMs)
  return calls.map(({ since, locked }, i) => {
    const longest = since + Math.max(settleMs, longestApplyMs)
    return locked ? longest : Math.min(longest, ends[i]! + settleMs)
  })
}

/** When the last call of each one's burst began to wait. */
function endsOfBursts(calls: readonly WaitingCall[], gapMs: number): number[] {
  const ends = calls.map(({ since }) => since)
  const latestFirst = calls.map((_, i) => i).sort((a, b) => calls[b]!.since - calls[a]!.since)
  const next = new Map<string, { since: number; end: number }>()
  for (const i of latestFirst) {
    const { actor, since } = calls[i]!
    const principal = principalOf(actor)
    const later = next.get(principal)
    if (later && later.since - since < gapMs) ends[i] = later.end
    next.set(principal, { since, end: ends[i]! })
  }
  return ends
}

/** The session, where there is one: two pipelines of one role are two applies. */
function principalOf({ arn, principalId, email, name }: Actor): string {
  return arn ?? principalId ?? email ?? name
}
