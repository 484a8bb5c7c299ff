import type { RawEvent } from '../../schemas/types.ts'
import { copyKey } from '../detect/collect-findings.ts'
import { callOf } from './explain-event.ts'

/** Finds the events of an id among all that are read, and remembers of the others what an explanation may need. */
export interface Search {
  note(event: RawEvent): void
  isWanted(event: RawEvent): boolean
  /** The files and record numbers of all copies of a wanted event. */
  originsOf(event: RawEvent): string[]
  /** The name of the event with this id of its own. */
  nameOf(eventId: string): string
  /** All ids, as the clouds show them. */
  readonly ids: ReadonlySet<string>
}

export function createSearch(id: string): Search {
  const origins = new Map<string, string[]>()
  const names = new Map<string, string>()
  const ids = new Set<string>()
  return {
    note(event) {
      const shown = shownId(event, id)
      ids.add(shown)
      names.set(event.eventId, event.name)
      if (shown !== id && event.eventId !== id) return
      const key = copyKey(event)
      origins.set(key, [...(origins.get(key) ?? []), event.origin])
    },
    isWanted: (event) => origins.has(copyKey(event)),
    originsOf: (event) => origins.get(copyKey(event)) ?? [],
    nameOf: (eventId) => names.get(eventId) ?? '',
    ids,
  }
}

/** A payload is looked into only where it may be that of the wanted event. */
function shownId(event: RawEvent, id: string): string {
  const shown = event.payload.includes(id) ? callOf(event)?.sourceEvent.id : undefined
  return shown ?? readableId(event)
}

/** The ids of Google's and Azure's events begin with what their consoles show. */
function readableId({ provider, eventId }: Pick<RawEvent, 'provider' | 'eventId'>): string {
  return provider === 'gcp' || provider === 'azure' ? eventId.split('|')[0]! : eventId
}
