import type { RawEvent } from '../../schemas/types.ts'
import type { SourceContext, SourceDeadLetter } from '../source.ts'
import type { FilePosition, FilePositions } from './file-positions.ts'
import { handOver } from './hand-over.ts'
import type { EventReading } from './read-events.ts'

const MAX_RECORDS = 500
/** 500 records of the largest size would be half a gigabyte. */
const MAX_BYTES = 4_000_000
/** A file in which nothing is of interest must not hold the process up from end to end. */
const MAX_LOOKED = 10_000

/** What has been read and not yet handed over, with the positions that may move once it is. */
export class FileBatch {
  readonly #context: SourceContext
  readonly #positions: FilePositions
  readonly #moves = new Map<string, FilePosition>()
  #events: RawEvent[] = []
  #deadLetters: SourceDeadLetter[] = []
  #bytes = 0
  #looked = 0

  constructor(context: SourceContext, positions: FilePositions) {
    this.#context = context
    this.#positions = positions
  }

  get full(): boolean {
    const records = this.#events.length + this.#deadLetters.length
    return records >= MAX_RECORDS || this.#bytes >= MAX_BYTES || this.#looked >= MAX_LOOKED
  }

  add(reading: EventReading): void {
    this.#looked++
    if ('event' in reading) {
      this.#events.push(reading.event)
      this.#bytes += reading.event.payload.length
    } else if ('deadLetter' in reading) {
      this.#deadLetters.push(reading.deadLetter)
      this.#bytes += reading.deadLetter.bytes.length
    } else {
      this.#context.onSkipped?.(reading.skipped)
    }
  }

  /** How far the file has been read once this batch is handed over. */
  move(path: string, position: FilePosition): void {
    this.#moves.set(path, position)
  }

  /** Hands over, then moves the positions. If it rejects they have not moved: all of it will be read again. */
  async flush(): Promise<void> {
    const output = { events: this.#events, deadLetters: this.#deadLetters }
    this.#events = []
    this.#deadLetters = []
    this.#bytes = 0
    this.#looked = 0
    const moves = [...this.#moves]
    this.#moves.clear()
    if (output.events.length + output.deadLetters.length > 0) await handOver(this.#context, output)
    for (const [path, position] of moves) await this.#positions.move(path, position)
  }
}
