import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linePieces, TooLarge } from '../../../../connectors/sources/gcp/line-pieces.ts'

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function pieces(bytes: Buffer, size: number) {
  const found = []
  for await (const piece of linePieces(chunksOf(bytes, size))) found.push(piece)
  return found
}

test('however lines come in chunks, the pieces are all of them, and end where lines end', async () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 700_000 }), { maxLength: 8 })
  const size = fc.integer({ min: 5_000, max: 1_500_000 })
  await fc.assert(
    fc.asyncProperty(lengths, size, async (all, size) => {
      const bytes = Buffer.from(`{${all.map((length) => 'x'.repeat(length)).join('\n')}`)
      const found = (await pieces(bytes, size)) as Buffer[]
      expect(Buffer.concat(found).equals(bytes)).toBe(true)
      for (const piece of found.slice(0, -1)) expect(piece.at(-1)).toBe(0x0a)
    }),
    { numRuns: 25 },
  )
})

test('a piece is about a megabyte, however large the file', async () => {
  const bytes = Buffer.from(`${'x'.repeat(999)}\n`.repeat(5_000))
  const found = (await pieces(bytes, 65_536)) as Buffer[]
  expect(found).toHaveLength(5)
  expect(Math.max(...found.map(({ length }) => length))).toBeLessThan(1_100_000)
})

test('a line that is too long is named once and left out, and those around it are read', async () => {
  const bytes = Buffer.from(`first\n${'x'.repeat(40_000_000)}\nlast\n`)
  for (const size of [900_000, 17_000_000]) {
    const found = await pieces(bytes, size)
    expect(found.map((piece) => (piece instanceof TooLarge ? piece.why : piece.toString()))).toEqual([
      'first\n',
      'a line is larger than 16000000 bytes',
      'last\n',
    ])
  }
})

test('a gzip is one piece, even if its first byte comes alone', async () => {
  const bytes = Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(3_000_000, '\n')])
  async function* chunks(): AsyncGenerator<Buffer> {
    yield bytes.subarray(0, 1)
    yield bytes.subarray(1, 2_000_000)
    yield bytes.subarray(2_000_000)
  }
  const found = []
  for await (const piece of linePieces(chunks())) found.push(piece)
  expect(found).toHaveLength(1)
  expect((found[0] as Buffer).equals(bytes)).toBe(true)
})

test('a gzip that is too large is named', async () => {
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) yield Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(1_000_000)])
  }
  const found = []
  for await (const piece of linePieces(endless())) found.push(piece)
  expect(found).toEqual([
    new TooLarge(expect.stringContaining('packed and larger than 100000000 bytes') as string),
  ])
})
