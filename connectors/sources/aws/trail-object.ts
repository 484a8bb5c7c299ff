import { BadRecordError } from '../bad-record.ts'
import { deadLetter, type EventReading, readEvents } from '../read-events.ts'
import type { ObjectName } from './announcements.ts'
import { explainAws, isMissingObject } from './fault.ts'
import type { Objects } from './objects.ts'

/** CloudTrail's own files stay far below it. */
const MAX_OBJECT_BYTES = 100_000_000

/**
 * What an object of a trail holds. One that is gone or too large is a dead letter; one that cannot be had just now
 * rejects, in words that name what must be allowed.
 */
export async function readTrailObject(
  objects: Objects,
  object: ObjectName,
  hashKey: Buffer,
  signal: AbortSignal,
): Promise<Iterable<EventReading>> {
  const origin = `s3://${object.bucket}/${object.key}`
  const unread = (message: string) => [
    deadLetter(new BadRecordError('unreadable', message), origin, Buffer.from(JSON.stringify(object))),
  ]
  try {
    const bytes = await objects.read(object, MAX_OBJECT_BYTES, signal)
    if (!bytes) return unread(`the object is larger than ${MAX_OBJECT_BYTES} bytes`)
    return await readEvents(bytes, { origin, receivedAt: Date.now(), hashKey })
  } catch (error) {
    signal.throwIfAborted()
    if (isMissingObject(error))
      return unread('there is no such object any more; restore it, and announce it again')
    throw explainAws(origin, 's3:GetObject, and kms:Decrypt where the trail is encrypted with a key', error)
  }
}
