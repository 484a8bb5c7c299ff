import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recordBytes } from '../../streams/kafkajs-record.ts'

const require = createRequire(import.meta.url)
const original = require('kafkajs/src/protocol/recordBatch/record/v0/index')

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
