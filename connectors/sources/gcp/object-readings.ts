import { BadRecordError } from '../bad-record.ts'
import { deadLetter, type EventReading, readEvents } from '../read-events.ts'
import type { Bucket } from './bucket.ts'
import { explainGoogle, isMissing } from './fault.ts'
import { linePieces, TooLarge } from './line-pieces.ts'

export interface ObjectPlace {
  bucket: Bucket
  /** `gs://BUCKET/NAME`. */
  uri: string
  name: string
  hashKey: Buffer
}

/**
 * What an object of a log holds, read as it comes. One that is gone, and what is too large, are dead letters that name
 * the object; one that cannot be had just now rejects, in words that name what must be granted.
 */
export async function* objectReadings(
  { bucket, uri, name, hashKey }: ObjectPlace,
  signal: AbortSignal,
): AsyncGenerator<EventReading> {
  const unread = (why: string) => deadLetter(new BadRecordError('unreadable', why), uri, Buffer.from(uri))
  const context = { origin: uri, receivedAt: Date.now(), hashKey }
  let number = 0
  try {
    for await (const piece of linePieces(bucket.read(name, signal))) {
      if (piece instanceof TooLarge) {
        yield unread(piece.why)
        continue
      }
      for (const reading of await readEvents(piece, context, number)) {
        number++
        yield reading
      }
    }
  } catch (error) {
    signal.throwIfAborted()
    if (!isMissing(error)) throw explainGoogle(uri, 'roles/storage.objectViewer on the bucket', error)
    yield unread('there is no such object any more; restore it')
  }
}
