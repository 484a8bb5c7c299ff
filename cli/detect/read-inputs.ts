import type { EventReading } from '../../connectors/sources/read-events.ts'
import { readEventFiles } from '../../connectors/sources/read-files.ts'
import type { RawEvent } from '../../schemas/types.ts'
import { readInThread } from './read-in-thread.ts'

export interface ReadOptions {
  events: string[]
  from?: number
  to?: number
}

/** What was in the files besides events. */
export interface NotEvents {
  /** Bad records, each named among the problems. */
  records: number
  /** Well-formed, and not events of this kind: digests, insights, test messages. */
  skipped: number
  /** Files that could not be read at all. */
  unreadable: number
}

export type SkippedRecord = Extract<EventReading, { skipped: unknown }>
export type BadRecord = Extract<EventReading, { deadLetter: unknown }>['deadLetter']

/** Reads every event in the files and folders, those outside [from, to) aside. */
export async function readEvents(
  { events, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: ReadOptions,
  sink: {
    hashKey: Buffer
    /** With the payloads also of events that their envelopes alone decide. */
    whole?: boolean
    problems: string[]
    onEvent: (event: RawEvent) => void
    onSkipped?: (record: SkippedRecord) => void
    onBad?: (record: BadRecord) => void
    /** The beginning of a call. */
    onBegun?: (event: RawEvent) => void
  },
): Promise<NotEvents> {
  const other: NotEvents = { records: 0, skipped: 0, unreadable: 0 }
  const { hashKey, whole } = sink
  for await (const reading of whole ? readEventFiles(events, { hashKey }) : readInThread(events, hashKey)) {
    if ('event' in reading) {
      const { time } = reading.event
      if (time >= from && time < to) sink.onEvent(reading.event)
    } else if ('skipped' in reading) {
      other.skipped++
      sink.onSkipped?.(reading)
      if (reading.begun) sink.onBegun?.(reading.begun)
    } else {
      const { code, message, origin } = reading.deadLetter
      // A fault of one record names its number; a fault of a whole file leaves nothing of it to go on with.
      if (code === 'unreadable' || !/#\d+$/.test(origin)) other.unreadable++
      else other.records++
      sink.problems.push(message)
      sink.onBad?.(reading.deadLetter)
    }
  }
  return other
}
