const PIECE_BYTES = 1_000_000
/** Entries of a log have at most 256 KiB. */
const MAX_LINE_BYTES = 16_000_000
/** What is packed can only be read as a whole. */
const MAX_PACKED_BYTES = 100_000_000

/** In the place of bytes that are not read. */
export class TooLarge {
  readonly why: string
  constructor(why: string) {
    this.why = why
  }
}

/**
 * Cuts lines that come in chunks into pieces of about a megabyte, each of whole lines, so that files of any size can be
 * read. A gzip is one piece. What is too large for a piece is left out, and named in its place.
 */
export async function* linePieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer | TooLarge> {
  let held: Buffer[] = []
  let size = 0
  /** Where the last whole line ends among what is held. */
  let cut = 0
  let packed: boolean | null = null
  let leavingOut = false

  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(0x0a) + 1
    if (end > 0) cut = size + end
    held.push(chunk)
    size += chunk.length
    if (size >= 2) packed ??= isGzip(Buffer.concat(held))
    if (packed) {
      if (size <= MAX_PACKED_BYTES) continue
      yield new TooLarge(`the object is packed and larger than ${MAX_PACKED_BYTES} bytes; store it unpacked`)
      return
    }
    if (cut > 0 && (size >= PIECE_BYTES || leavingOut)) {
      const bytes = Buffer.concat(held)
      yield bytes.subarray(leavingOut ? bytes.indexOf(0x0a) + 1 : 0, cut)
      leavingOut = false
      held = [bytes.subarray(cut)]
      size -= cut
      cut = 0
    } else if (size > MAX_LINE_BYTES) {
      if (!leavingOut) yield new TooLarge(`a line is larger than ${MAX_LINE_BYTES} bytes`)
      leavingOut = true
      held = []
      size = 0
    }
  }
  if (size > 0 && !leavingOut) yield Buffer.concat(held)
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}
