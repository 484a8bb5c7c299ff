import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recordBytes } from '../../streams/kafkajs-record.ts'

const require = createRequire(import.meta.url)
const original = loadedAnew('kafkajs/src/protocol/recordBatch/record/v0/index')

/** Another test may have mended the one that is loaded. */
function loadedAnew(name: string) {
  const path = require.resolve(name)
  const loaded = require.cache[path]
  delete require.cache[path]
  const fresh = require(path)
  if (loaded) require.cache[path] = loaded
  return fresh
}

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)))
const text = fc.string({ unit: 'binary', maxLength: 90 })

test('a record has the very bytes that kafkajs would write', () => {
  const record = fc.record({
    offsetDelta: fc.nat(),
    timestampDelta: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    key: bytes,
    value: bytes,
    headers: fc.dictionary(text, text),
  })
  fc.assert(
    fc.property(record, (each) => {
      expect(recordBytes(each).equals(original(each).buffer)).toBe(true)
    }),
  )
})
