export interface Line {
  /** Without its end; of one that is too long, its beginning. */
  bytes: Buffer
  /** Longer than the bound: the rest has been passed over. */
  cut: boolean
}

const NEWLINE = 0x0a

/**
 * The lines of a stream, as many at a time as each chunk completes; at the end what has begun. A connection that breaks
 * ends like one that is closed. The next chunk is read when the next lines are asked for.
 */
export async function* linesOf(stream: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Line[]> {
  let begun: Buffer[] = []
  let size = 0

  function add(piece: Buffer): void {
    if (size < maxBytes) begun.push(piece.subarray(0, maxBytes - size))
    size += piece.length
  }

  function end(): Line {
    const line = { bytes: Buffer.concat(begun), cut: size > maxBytes }
    begun = []
    size = 0
    return line
  }

  for await (const chunk of untilBroken(stream)) {
    const lines: Line[] = []
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, at))
      lines.push(end())
      from = at + 1
    }
    if (from < chunk.length) add(chunk.subarray(from))
    if (lines.length > 0) yield lines
  }
  if (size > 0) yield [end()]
}

async function* untilBroken(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* stream
  } catch {}
}
