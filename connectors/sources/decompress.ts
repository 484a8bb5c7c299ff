import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { BadRecordError } from './bad-record.ts'

const gunzip = promisify(zlib.gunzip)

/** Larger files cannot be held as one text; CloudTrail's own stay far below it. */
export const MAX_FILE_BYTES = 500_000_000

/**
 * The content of a file, whether it is gzipped or not. A gzip that ends too early gives what is there, with a
 * fault; one that is damaged or too large gives a fault alone.
 */
export async function decompress(bytes: Buffer): Promise<{ content: Buffer; fault: BadRecordError | null }> {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  return isGzip ? inTurn(() => unzipped(bytes)) : { content: bytes, fault: null }
}

let last: Promise<unknown> = Promise.resolve()

/** One at a time in the whole process: several that are made to burst would take all of its memory. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = last.then(work)
  last = done.catch(() => {})
  return done
}

async function unzipped(bytes: Buffer): Promise<{ content: Buffer; fault: BadRecordError | null }> {
  try {
    return { content: await gunzip(bytes, { maxOutputLength: MAX_FILE_BYTES }), fault: null }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'Z_BUF_ERROR') return { content: await beginning(bytes), fault: truncated() }
    return { content: Buffer.alloc(0), fault: code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : damaged() }
  }
}

async function beginning(bytes: Buffer): Promise<Buffer> {
  const options = { maxOutputLength: MAX_FILE_BYTES, finishFlush: zlib.constants.Z_SYNC_FLUSH }
  return await gunzip(bytes, options).catch(() => Buffer.alloc(0))
}

function truncated(): BadRecordError {
  return new BadRecordError('truncated-gzip', 'the gzip ends too early; copy the file again')
}

function damaged(): BadRecordError {
  return new BadRecordError('bad-gzip', 'the gzip is damaged; copy the file again')
}

export function tooLarge(): BadRecordError {
  return new BadRecordError('file-too-large', `the file holds more than ${MAX_FILE_BYTES} bytes; split it`)
}
