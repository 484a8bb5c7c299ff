import { readFile } from 'node:fs/promises'
import { BadRecordError } from './bad-record.ts'
import { MAX_FILE_BYTES, tooLarge } from './decompress.ts'
import type { RecordContext } from './formats/format.ts'
import { type FoundFile, listFiles } from './list-files.ts'
import { deadLetter, type EventReading, readEvents } from './read-events.ts'
import { parseState } from './terraform-state/parse.ts'
import { eachSnapshot, type KeyedSnapshot } from './terraform-state/snapshot.ts'
import { readState } from './terraform-state/state-file.ts'

/**
 * Every event in these files and folders, once, one file in memory at a time. What cannot be read is a dead letter
 * among the rest: of code `unreadable` for a file or folder, and with the file for origin (instead of FILE#NUMBER)
 * where the fault is the whole file's.
 */
export async function* readEventFiles(
  paths: readonly string[],
  context: Pick<RecordContext, 'hashKey' | 'passesOver'>,
): AsyncGenerator<EventReading> {
  for (const root of paths) {
    try {
      for await (const file of listFiles(root)) yield* eventsIn(file, context)
    } catch (error) {
      yield unreadable(root, error as NodeJS.ErrnoException)
    }
  }
}

async function* eventsIn(
  file: FoundFile,
  context: Pick<RecordContext, 'hashKey' | 'passesOver'>,
): AsyncGenerator<EventReading> {
  if (file.size > MAX_FILE_BYTES) {
    yield deadLetter(tooLarge(), file.path, Buffer.alloc(0))
    return
  }
  let bytes: Buffer
  try {
    bytes = await readFile(file.path)
  } catch (error) {
    yield unreadable(file.path, error as NodeJS.ErrnoException)
    return
  }
  yield* await readEvents(bytes, { ...context, origin: file.path, receivedAt: Date.now() })
}

function unreadable(path: string, { code, message }: NodeJS.ErrnoException): EventReading {
  const why = code === 'ENOENT' ? 'there is no such file or folder' : `cannot be read (${code ?? message})`
  return deadLetter(new BadRecordError('unreadable', `${why}; correct the path`), path, Buffer.alloc(0))
}

/**
 * The instances of the state in a file, and at the end its marker, made as they are asked for. Throws StateFormatError,
 * naming file and fix, at once or on the way.
 * `account` is that of a state whose own ARNs do not name one.
 */
export async function readStateFile(
  path: string,
  options: { hashKey: Buffer; account?: string | undefined },
): Promise<Iterable<KeyedSnapshot>> {
  const { bytes, modifiedAt } = (await readState(path))!
  return eachSnapshot(parseState(bytes, path), { ...options, capturedAt: modifiedAt })
}
