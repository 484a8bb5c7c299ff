import type { RawEvent } from '../../schemas/types.ts'
import type { SourceContext, SourceDeadLetter } from '../source.ts'
import { handOver } from './hand-over.ts'
import type { EventReading } from './read-events.ts'

const MAX_RECORDS = 500
const MAX_BYTES = 4_000_000

export interface HandOverOptions {
  /** So many readings have been handed over before. */
  skip?: number
  /** Called each time the log holds more of them, with how many in all; the next batch waits for it. */
  onTaken?: (readings: number) => unknown
  /** Asked before each batch; throws to stop between two. */
  check?: () => void
}

/** Hands readings over in batches that a broker can take, one after the other; resolves when the log holds all. */
export async function handOverReadings(
  context: SourceContext,
  readings: AsyncIterable<EventReading> | Iterable<EventReading>,
  { skip = 0, onTaken, check }: HandOverOptions = {},
): Promise<void> {
  let events: RawEvent[] = []
  let deadLetters: SourceDeadLetter[] = []
  let bytes = 0
  let read = 0

  async function flush(): Promise<void> {
    if (events.length + deadLetters.length > 0) {
      check?.()
      await handOver(context, { events, deadLetters })
    }
    await onTaken?.(read)
    events = []
    deadLetters = []
    bytes = 0
  }

  async function take(reading: Exclude<EventReading, { skipped: unknown }>): Promise<void> {
    const size = 'event' in reading ? reading.event.payload.length : reading.deadLetter.bytes.length
    if (events.length + deadLetters.length >= MAX_RECORDS || bytes + size > MAX_BYTES) await flush()
    if ('event' in reading) events.push(reading.event)
    else deadLetters.push(reading.deadLetter)
    bytes += size
  }

  for await (const reading of readings) {
    if (read >= skip) {
      if ('skipped' in reading) context.onSkipped?.(reading.skipped)
      else await take(reading)
    }
    read++
  }
  await flush()
}
