import type { JsonObject } from '../../processors/finding.ts'
import { parseRecord } from '../../processors/normalize/cloudtrail.ts'
import { isObject } from '../../processors/paths.ts'
import type { RawEvent } from '../../schemas/types.ts'

/**
 * Joins the two records of Azure's calls, in whatever order they come: the body often stands only in that of the
 * beginning, and the outcome only in the other, which is the event.
 */
export interface BegunCalls {
  /** Takes the record of a beginning. */
  begin(event: RawEvent): void
  /** Takes an event that does not tell its body; false: it does, or is no call of Azure, and the caller's to judge. */
  hold(event: RawEvent): boolean
  /** What was held, with the bodies of the beginnings, to be judged now that all is read. */
  release(): RawEvent[]
}

export function createBegunCalls(): BegunCalls {
  const bodies = new Map<string, RawEvent>()
  const held: RawEvent[] = []
  return {
    begin(event) {
      if (tellsBody.test(event.payload)) bodies.set(event.eventId, event)
    },
    hold(event) {
      if (event.provider !== 'azure' || tellsBody.test(event.payload)) return false
      held.push(event)
      return true
    },
    release() {
      return held.splice(0).map((event) => withBody(event, bodies.get(event.eventId)))
    },
  }
}

const tellsBody = /"requestbody":\s*[^\s"n]/i

function withBody(event: RawEvent, begun: RawEvent | undefined): RawEvent {
  if (!begun) return event
  const record = parseRecord(event.payload)
  const properties = { ...propertiesOf(parseRecord(begun.payload)), ...propertiesOf(record) }
  return { ...event, payload: JSON.stringify({ ...record, properties }) }
}

function propertiesOf({ properties }: JsonObject): JsonObject {
  return isObject(properties) ? properties : {}
}
