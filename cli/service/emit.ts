import type { SourceContext, SourceDeadLetter, SourceOutput } from '../../connectors/source.ts'
import type { TopicName } from '../../processors/topology.ts'
import type { Codec } from '../../schemas/codec.ts'
import { rawEventHeaders } from '../../schemas/headers.ts'
import { rawEventKey } from '../../schemas/raw-event-key.ts'
import type { RawEvent, StateSnapshot } from '../../schemas/types.ts'
import type { Bus, OutRecord } from '../../streams/bus.ts'
import { deadLetter } from '../../streams/dead-letters.ts'

export interface EmitOptions {
  bus: Bus
  topic: (name: TopicName) => string
  codecs: { rawEvent: Codec<RawEvent>; stateSnapshot: Codec<StateSnapshot> }
  deadLetterKey: Buffer
  /** Told what was stored. */
  onStored: (stored: { events: number; snapshots: number; deadLetters: readonly SourceDeadLetter[] }) => void
}

/** Below what the topic takes. Of what is larger a letter tells where it lies. */
const MOST_LETTER_BYTES = 60_000_000

/** Puts what a source hands over on the log. Resolves when the log holds it. */
export function createEmit(options: EmitOptions): SourceContext['emit'] {
  const { bus, topic, codecs, deadLetterKey } = options

  function eventRecord(event: RawEvent): OutRecord {
    const key = Buffer.from(rawEventKey(event))
    return {
      topic: topic('raw-events'),
      key,
      value: codecs.rawEvent.encode(event),
      headers: rawEventHeaders(event),
    }
  }

  function snapshotRecord({ key, value }: { key: string; value: StateSnapshot | null }): OutRecord {
    return {
      topic: topic('state-snapshot'),
      key: Buffer.from(key),
      value: value && codecs.stateSnapshot.encode(value),
    }
  }

  function deadLetterRecord({ origin, bytes: whole, code, message }: SourceDeadLetter): OutRecord {
    const bytes = whole.length > MOST_LETTER_BYTES ? Buffer.alloc(0) : whole
    const place = {
      topic: null,
      partition: null,
      offset: null,
      timestamp: Date.now(),
      key: null,
      headers: {},
    }
    const letter = { ...place, value: bytes, stage: 'source', code, message, attempts: 1, origin }
    return deadLetter(letter, topic('dead-letters'), deadLetterKey)
  }

  return async function emit({ events = [], snapshots = [], deadLetters = [] }: SourceOutput) {
    await bus.publish([
      ...events.map(eventRecord),
      ...snapshots.map(snapshotRecord),
      ...deadLetters.map(deadLetterRecord),
    ])
    options.onStored({ events: events.length, snapshots: snapshots.length, deadLetters })
  }
}
