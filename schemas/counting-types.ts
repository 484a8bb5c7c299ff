import type { MatchedRule, Provider } from './types.ts'

/** One part of what matches have in common that count together. */
export interface KeyPart {
  name: string
  value: string
}

/** A match of a rule that looks at several events. */
export interface CountedEvent {
  /** Of the alert that the event gives on the resource. */
  id: string
  eventId: string
  /** Epoch milliseconds. */
  time: number
  /** Of a pattern those that it may be, from 0. */
  steps: number[]
  provider: Provider
  event: string
  actor: string
  /** The resource's address, or type and id; of a signal its raw-events key. */
  subject: string
}

/** tfdrift.counted-matches */
export interface CountedMatch {
  rule: MatchedRule
  version: string
  kind: 'threshold' | 'pattern'
  needed: number
  windowMs: number
  by: KeyPart[]
  match: CountedEvent
}

/** tfdrift.count-windows */
export interface CountWindow {
  /** Of counted-matches: its reader alone writes this. */
  partition: number
  /** Epoch milliseconds. */
  start: number
  windowMs: number
  /** Epoch milliseconds. */
  touchedAt: number
  /** The match with which the signal of this stretch was published. */
  completedBy: string | null
  matches: CountedEvent[]
}
