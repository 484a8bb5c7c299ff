import type { Logger } from '../../source.ts'
import { BadRecordError } from '../bad-record.ts'
import { deadLetter, type EventReading, readEvents } from '../read-events.ts'
import { announcedObjects, type ObjectName } from './announcements.ts'
import type { Objects } from './objects.ts'
import type { QueueMessage } from './queue.ts'
import { type TrailFilter, whyPassedOver } from './trail-key.ts'
import { readTrailObject } from './trail-object.ts'

export interface MessageReader {
  queueUrl: string
  filter: TrailFilter
  objects: Objects
  hashKey: Buffer
  log: Logger
}

/** What the objects hold that a message announces, or what the message holds itself. */
export async function* messageReadings(
  message: QueueMessage,
  { queueUrl, filter, objects, hashKey, log }: MessageReader,
  signal: AbortSignal,
): AsyncGenerator<EventReading> {
  const names = announcedObjects(message.body)
  if (!names) yield* ownReadings(message.body, `${queueUrl}#${message.id}`, hashKey)
  for (const object of names ?? []) {
    const reason = whyPassedOver(object.key, filter)
    if (reason) log.debug({ object: uriOf(object), reason }, 'an object is passed over')
    else yield* await readTrailObject(objects, object, hashKey, signal)
  }
}

async function* ownReadings(text: string, origin: string, hashKey: Buffer): AsyncGenerator<EventReading> {
  const body = Buffer.from(text)
  for (const reading of await readEvents(body, { origin, receivedAt: Date.now(), hashKey }))
    yield isUnreadAnnouncement(reading) ? deadLetter(unknownForm(), origin, body) : reading
}

/** Its objects must not be lost. */
function isUnreadAnnouncement(reading: EventReading): boolean {
  return 'skipped' in reading && reading.skipped === 'notification'
}

function unknownForm(): BadRecordError {
  return new BadRecordError('no-records', 'it announces objects in a form that is not known')
}

function uriOf({ bucket, key }: ObjectName): string {
  return `s3://${bucket}/${key}`
}
