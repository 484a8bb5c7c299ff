import { readEvents } from '../../connectors/sources/read-events.ts'
import type { CloudCall } from '../../processors/finding.ts'
import { normalize } from '../../processors/normalize/normalize.ts'
import type { Case } from './read-cases.ts'

/** The changing calls among the events of a case, as mappings see them. */
export async function callsOf({ events }: Pick<Case, 'events'>): Promise<CloudCall[]> {
  const bytes = Buffer.from(JSON.stringify(events))
  const readings = await readEvents(bytes, { origin: 'event', receivedAt: 0, hashKey: Buffer.alloc(32) })
  return [...readings].flatMap((reading) => {
    const call = 'event' in reading ? normalize(reading.event) : ''
    return typeof call === 'string' ? [] : [call]
  })
}
