import type { RawEvent } from '../../../schemas/types.ts'
import type { JsonObject } from '../../json.ts'

/** One kind of record, told by its own fields and never by the name of its file. One file each. */
export interface RecordFormat {
  recognises(record: JsonObject): boolean
  /** Throws BadRecordError for a record that cannot become an event, TooDeepError for one that is too deep. */
  read(record: JsonObject, context: RecordContext): { event: RawEvent } | Skipped
}

export interface RecordContext {
  /** File or object, and record number. */
  origin: string
  /** Epoch milliseconds. */
  receivedAt: number
  hashKey: Buffer
  /** CloudTrail's records of which nobody will read the payload: theirs stays empty. Absent: none. */
  passesOver?: (envelope: Pick<RawEvent, 'readOnly' | 'failed'>) => boolean
}

/** A record that is well-formed and no event of interest. */
export interface Skipped {
  skipped: SkipReason
  eventId: string | null
  /** Of the beginning of a call that tells its body, which the record of its outcome may not: the whole of it. */
  begun?: RawEvent
}

export type SkipReason =
  /** Reads and writes of content, at a hundred times the rate of management calls. */
  | 'data-event'
  /** CloudTrail's unusual-activity findings. */
  | 'insight'
  /** Counts of events instead of events. */
  | 'aggregated'
  /** The hash chain over CloudTrail's files. */
  | 'digest'
  /** Names the objects that hold events, but holds none. */
  | 'notification'
  /** Test and subscription messages of S3, SNS and CloudTrail. */
  | 'control-message'
  /** Azure's record of a call that has begun; that of its outcome follows. */
  | 'call-started'
  /** An event that is not a call: EventBridge carries such, Azure's logs of health and sign-ins, and Google's of applications. */
  | 'other-event'
