import type { AlertJson } from './alert-json.ts'

/**
 * A sink delivers alerts to one place. The runner (connectors/deliver.ts) gives it progress, time-outs, retries,
 * dead letters and the record of what has been delivered; the sink only sends.
 */
export interface Sink {
  /** How many alerts one call of deliver may carry. 1 where the peer takes one at a time. */
  readonly batchSize: number
  /** How many calls of deliver may run at once; those of one drift never do. Default 1. */
  readonly parallel?: number
  /**
   * Resolves when the peer has accepted all of them. Throws DeliveryError to say whether trying again can help;
   * anything else that is thrown counts as retryable. Must stop when the signal aborts (time-out, shutdown).
   */
  deliver(alerts: readonly AlertJson[], signal: AbortSignal): Promise<void>
  /** Several alerts as one message, where people read them: a sink for machines has none of this. */
  readonly group?: SinkGroup
  close?(): Promise<void>
}

/** Alerts of one cause, or those that a limit has held back. */
export interface AlertGroup {
  kind: 'group' | 'digest'
  /** Epoch milliseconds: when the first of them came. */
  since: number
  /** In order; at least two. */
  alerts: readonly AlertJson[]
  /** How many belong to it besides, and go in messages of their own, because one holds no more. */
  others: number
}

export interface SinkGroup {
  /** How many of a group's alerts, from the first, one message holds with all that has to be said of each. */
  fits(group: AlertGroup): number
  /** As Sink.deliver: resolves when the peer has accepted the message. */
  deliver(group: AlertGroup, signal: AbortSignal): Promise<void>
}

export class DeliveryError extends Error {
  override name = 'DeliveryError'
  /** False: the peer will never accept this (a 400, a bad address): dead letter at once. */
  readonly retryable: boolean
  /** The peer's own wish, in milliseconds (Retry-After). */
  readonly retryAfterMs: number | null
  constructor(
    message: string,
    options: { retryable: boolean; retryAfterMs?: number | null; cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.retryable = options.retryable
    this.retryAfterMs = options.retryAfterMs ?? null
  }
}
