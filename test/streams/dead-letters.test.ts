import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { InRecord, OutRecord } from '../../streams/bus.ts'
import { type DeadLetter, deadLetter, openDeadLetter } from '../../streams/dead-letters.ts'

const key = Buffer.alloc(32, 1)
const letter: DeadLetter = {
  topic: 'tfdrift.raw-events',
  partition: 3,
  offset: 42,
  timestamp: 1_764_000_000_000,
  key: Buffer.from('aws/123456789012/eu-west-1'),
  value: Buffer.from('{"password":"hunter2"}'),
  headers: { 'event-id': 'e-1', 'dlt.redriven': '1' },
  stage: 'process',
  code: 'not-avro',
  message: 'tfdrift.raw-events: not in the Confluent wire format',
  attempts: 1,
  origin: 'tfdrift.raw-events/3/42',
}

function stored({ topic, key, value, headers = {} }: OutRecord): InRecord {
  return { topic, partition: 0, offset: 0, timestamp: 0, key, value, headers }
}

describe('a dead letter', () => {
  test('keeps key and headers, tells the rest in headers, and hides the value', () => {
    const record = deadLetter(letter, 'tfdrift.dead-letters', key)
    expect(record).toMatchObject({ topic: 'tfdrift.dead-letters', key: letter.key })
    expect(record.headers).toEqual({
      'event-id': 'e-1',
      'dlt.redriven': '1',
      'dlt.topic': 'tfdrift.raw-events',
      'dlt.partition': '3',
      'dlt.offset': '42',
      'dlt.timestamp': '1764000000000',
      'dlt.stage': 'process',
      'dlt.error.code': 'not-avro',
      'dlt.error.message': 'tfdrift.raw-events: not in the Confluent wire format',
      'dlt.attempts': '1',
      'dlt.origin': 'tfdrift.raw-events/3/42',
    })
    expect(record.value?.includes('hunter2')).toBe(false)
    expect(record.value).toHaveLength(12 + letter.value!.length + 16)
  })

  test('is opened to what it was made of, whatever that was', () => {
    const texts = fc.string({ unit: 'grapheme' })
    const whole = fc.maxSafeNat()
    const letters: fc.Arbitrary<DeadLetter> = fc.record({
      topic: fc.option(texts),
      partition: fc.option(whole),
      offset: fc.option(whole),
      timestamp: whole,
      key: fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
      value: fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
      headers: fc.dictionary(
        fc.string().filter((name) => !name.startsWith('dlt.') && name !== '__proto__'),
        texts,
        { noNullPrototype: true },
      ),
      stage: texts,
      code: texts,
      message: texts,
      attempts: whole,
      origin: texts,
    })
    fc.assert(
      fc.property(letters, (each) => {
        expect(openDeadLetter(stored(deadLetter(each, 'd', key)), key)).toEqual(each)
      }),
    )
  })

  test('is sealed anew each time, so that equal values do not show', () => {
    const [one, other] = [deadLetter(letter, 'd', key), deadLetter(letter, 'd', key)]
    expect(one.value?.equals(other.value!)).toBe(false)
  })

  test('cannot be opened with another key, nor when a byte of it has changed', () => {
    const record = stored(deadLetter(letter, 'd', key))
    expect(() => openDeadLetter(record, Buffer.alloc(32, 2))).toThrow(
      'another key than secrets.deadLetterKey',
    )
    for (let at = 0; at < record.value!.length; at++) {
      const value = Buffer.from(record.value!)
      value[at]! ^= 1
      expect(() => openDeadLetter({ ...record, value }, key)).toThrow('or is damaged')
    }
    expect(() => openDeadLetter({ ...record, value: Buffer.from('short') }, key)).toThrow('or is damaged')
  })

  test('cuts a message that is too long for a header', () => {
    const record = deadLetter({ ...letter, message: 'x'.repeat(5_000) }, 'd', key)
    expect(record.headers?.['dlt.error.message']).toHaveLength(1_000)
  })
})
