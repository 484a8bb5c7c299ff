import type { Check } from '../../check.ts'
import type { Logger } from '../../source.ts'
import type { Polling } from '../poll.ts'

/** Terraform states in one place: a file, an object, or all objects below a prefix. */
export interface StateStore {
  /** What it is, for people: `s3://bucket/prefix`. */
  name: string
  /** The states that are there now, each by the URL or path that its records bear as their source. */
  places(): Promise<string[]>
  /** Whether a state of this place would be one of ours, be it there or not. */
  covers(place: string): boolean
  /**
   * The state, or null if it is as it was when `token` was given. Rejects with words that name the place and the fix;
   * with an AwayError where the fault may pass by itself.
   */
  read(place: string, token?: string, signal?: AbortSignal): Promise<StateObject | null>
  /**
   * Whether Terraform holds the lock of this state now; left out where that cannot be seen (a lock in DynamoDB). A fault
   * says nothing of the state itself.
   */
  isLocked?(place: string): Promise<boolean>
  /** What tells of states that have been written; left out where nothing does. */
  notifications?: Notifications
  /** What must be allowed, to paste; left out where no policy could allow it. */
  policy?: string
  close?(): void
}

/** Tells of states that have been written, of this place or of others. */
export interface Notifications {
  /** `onWritten` has looked at these places when it resolves, and does not reject. */
  follow(log: Logger, onWritten: (places: string[]) => Promise<void>): Pick<Polling, 'stop' | 'healthy'>
  /** For `tfdrift doctor`. */
  check(): Promise<Check[]>
}

export interface StateObject {
  bytes: Buffer
  /** When the state was written, epoch milliseconds. */
  modifiedAt: number
  /** Changes with every version of the state. */
  token: string
}

/** A place that does not answer now, and may well do so later. */
export class AwayError extends Error {
  override name = 'AwayError'
}

/** V8 makes no longer texts. */
export const MOST_STATE_BYTES = 500_000_000

/** Whether an object below a prefix is a state by its name: neither a lock beside one nor a backup of one. */
export function isStateName(name: string): boolean {
  return name.endsWith('.tfstate')
}
