import type { RawEvent, StateSnapshot } from '../schemas/types.ts'

/**
 * A source reads one kind of place, for ever, and hands over what it finds. It acknowledges upstream (moves its
 * position, deletes the message) only after `emit` has resolved: then the log holds the records. After a crash it
 * may hand over again what it had not acknowledged; ids make that harmless.
 */
export interface Source {
  /** Resolves when the source is reading. A place that cannot be read throws, naming it and the fix. */
  start(context: SourceContext): Promise<void>
  /** Stops reading; resolves when what was handed over is acknowledged. */
  stop(): Promise<void>
  /** For readiness: false while the place cannot be read. */
  healthy(): boolean
}

export interface SourceContext {
  /** Resolves when the log holds all of them. */
  emit(output: SourceOutput): Promise<void>
  /** The source's own position, kept beside the log: small JSON texts by key. */
  positions: PositionStore
  /** Whether the log has lost what a state published, whatever its position says. Left out: it has lost nothing. */
  isLost?: (state: string) => Promise<boolean>
  /** How many of these records of states are of resources that Terraform was seen deleting. Left out: none. */
  seenDeleted?: (keys: readonly string[]) => Promise<number>
  /** Whether the log says that the lock of this state is held. Left out: it does not. */
  isLocked?: (state: string) => Promise<boolean>
  /** Told why each record is passed over that is no change: `data-event`, `digest`. Left out: nobody counts. */
  onSkipped?: (reason: string) => void
  log: Logger
}

export interface SourceOutput {
  events?: RawEvent[]
  /** value null: the resource has gone (tombstone). */
  snapshots?: { key: string; value: StateSnapshot | null }[]
  /** What could not be read as an event: bytes untouched. */
  deadLetters?: SourceDeadLetter[]
}

export interface SourceDeadLetter {
  origin: string
  bytes: Buffer
  /** Machine-readable, such as not-json, no-records, truncated-gzip. */
  code: string
  message: string
}

export interface PositionStore {
  get(key: string): Promise<string | null>
  set(key: string, value: string): Promise<void>
}

/** The part of pino that connectors use. Never hand it a payload. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
