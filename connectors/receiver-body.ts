import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import zlib from 'node:zlib'

const gunzip = promisify(zlib.gunzip)

/** The request cannot be taken as it is: the answer's status and its text. */
export class RefusedRequest extends Error {
  override name = 'RefusedRequest'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The body of a request, unpacked if it is gzipped. Throws RefusedRequest if it is, or unpacks to, more than maxBytes. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding !== 'gzip' && encoding !== 'identity') {
    throw new RefusedRequest(415, 'content-encoding must be gzip or identity')
  }
  const body = await collect(request, maxBytes)
  if (encoding === 'identity') return body
  try {
    return await gunzip(body, { maxOutputLength: maxBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes)
    throw new RefusedRequest(400, 'the body is not gzip, or is cut off')
  }
}

function collect(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) return void chunks.push(chunk)
      chunks.length = 0
      reject(tooLarge(maxBytes))
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', reject)
    request.on('close', () => reject(new RefusedRequest(400, 'the body is cut off')))
  })
}

function tooLarge(maxBytes: number): RefusedRequest {
  return new RefusedRequest(413, `the body is larger than ${maxBytes} bytes`)
}
