import { BadRecordError } from '../bad-record.ts'
import { deadLetter, type EventReading, readEvents } from '../read-events.ts'

/** What the data of a message of Pub/Sub, in base64, comes to. `origin` names the message. */
export async function messageReadings(
  data: string,
  origin: string,
  hashKey: Buffer,
): Promise<Iterable<EventReading>> {
  const unread = (why: string) => [
    deadLetter(new BadRecordError('no-records', why), origin, Buffer.from(data)),
  ]
  if (data === '') return unread('the message has no data')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return unread('its data is not base64')
  return await readEvents(Buffer.from(data, 'base64'), { origin, receivedAt: Date.now(), hashKey })
}
