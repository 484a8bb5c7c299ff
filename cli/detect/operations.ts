import { parseRecord } from '../../processors/normalize/cloudtrail.ts'
import { operationOf } from '../../processors/normalize/gcp-operation.ts'
import type { RawEvent } from '../../schemas/types.ts'

/**
 * Joins the two entries of each of Google's long operations, in whatever order they come. The first entry is the call;
 * it has failed if the last one says so, and counts as done if that is not in the input. Where only the last one is,
 * it stands for the whole.
 */
export interface Operations {
  /** Takes an event that is a part of an operation; false: it is none, and the caller's to judge. */
  hold(event: RawEvent): boolean
  /** What was held, to be judged now that all is read. */
  release(): RawEvent[]
}

interface Held {
  first: RawEvent[]
  last: RawEvent[]
}

export function createOperations(): Operations {
  const held = new Map<string, Held>()
  return {
    hold(event) {
      // Most entries are of no operation, and parsing one costs more than a look at its text.
      if (event.provider !== 'gcp' || !event.payload.includes('"operation":')) return false
      const entry = operationOf(parseRecord(event.payload))
      if (entry === null) return false
      const operation = `${event.account}|${entry.operation}`
      const known = held.get(operation) ?? { first: [], last: [] }
      known[entry.part].push(event)
      held.set(operation, known)
      return true
    },
    release() {
      const events = [...held.values()].flatMap(joined)
      held.clear()
      return events
    },
  }
}

function joined({ first, last }: Held): RawEvent[] {
  if (first.length === 0) return last.map(asWhole)
  const failed = last.some((event) => event.failed)
  return [...first.map((event) => ({ ...event, failed: event.failed || failed })), ...last]
}

function asWhole(event: RawEvent): RawEvent {
  const { operation: _, ...entry } = parseRecord(event.payload)
  return { ...event, payload: JSON.stringify(entry) }
}
