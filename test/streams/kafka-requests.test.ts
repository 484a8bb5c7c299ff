import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  confirm,
  type Job,
  type LaneRecord,
  recordsOf,
  refuse,
  takeRequest,
  topicMessages,
} from '../../streams/kafka-requests.ts'

const always = () => true

function record(value: string, { topic = 't', partition = 0, bytes = 100 } = {}): LaneRecord {
  return { topic, partition, bytes, message: { key: null, value } }
}

type TestJob = Job & { settled: unknown[] }

function job(records: LaneRecord[], allowed = always): TestJob {
  const settled: unknown[] = []
  const settle = (outcome: unknown) => void settled.push(outcome)
  return { records, allowed, resolve: settle, reject: settle, offsets: [], taken: 0, failed: false, settled }
}

function takeAll(queue: Job[]): LaneRecord[][] {
  const requests: LaneRecord[][] = []
  for (let request = takeRequest(queue); request; request = takeRequest(queue))
    requests.push(recordsOf(request))
  return requests
}

describe('requests', () => {
  test('hold every record once, in order, whatever the sizes, and stay small', () => {
    const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 8 }))
    fc.assert(
      fc.property(sizes, (jobs) => {
        const records = jobs.map((each) => each.map((bytes) => record('', { bytes })))
        const requests = takeAll(records.map((each) => job(each)))
        expect(requests.flat()).toEqual(records.flat())
        for (const request of requests) {
          const bytes = request.reduce((sum, each) => sum + each.bytes, 0)
          expect(request.length === 1 || bytes <= 900_000).toBe(true)
        }
      }),
    )
  })

  test('are as few as the size allows', () => {
    const small = Array.from({ length: 2_500 }, () => record('', { bytes: 10 }))
    expect(takeAll([job(small)]).map(({ length }) => length)).toEqual([1_000, 1_000, 500])
    const large = Array.from({ length: 4 }, () => record('', { bytes: 450_000 }))
    expect(takeAll([job(large.slice(0, 1)), job(large.slice(1))]).map(({ length }) => length)).toEqual([2, 2])
  })

  test('carry a record that is too large for any of them alone, so that it fails alone', () => {
    const records = [record('a'), record('b', { bytes: 5_000_000 }), record('c')]
    expect(takeAll([job(records)]).map(({ length }) => length)).toEqual([1, 1, 1])
  })

  test('never mix records that may be forbidden with others', () => {
    const guard = () => true
    const requests = takeAll([job([record('a')]), job([record('b')], guard), job([record('c')], guard)])
    expect(requests.map(({ length }) => length)).toEqual([1, 2])
  })

  test('give each record its offset, though an answer counts by partition', () => {
    const records = [
      record('0', { partition: 1 }),
      record('1'),
      record('2', { partition: 1 }),
      record('3', { topic: 'u' }),
    ]
    const both = [job(records), job([record('4')])]
    const request = takeRequest([...both])!
    const at = (topicName: string, partition: number, baseOffset: string) => ({
      topicName,
      partition,
      baseOffset,
      errorCode: 0,
    })
    confirm(request, [at('t', 0, '40'), at('t', 1, '7'), at('u', 0, '0')])
    expect(both.map(({ settled }) => settled)).toEqual([[[7, 40, 8, 0]], [[41]]])
  })

  test('settle a job when the last of its records has been confirmed', () => {
    const records = Array.from({ length: 1_500 }, () => record(''))
    const large = job(records)
    const queue = [large]
    const answer = (baseOffset: string) => [{ topicName: 't', partition: 0, baseOffset, errorCode: 0 }]
    confirm(takeRequest(queue)!, answer('0'))
    expect(large.settled).toEqual([])
    confirm(takeRequest(queue)!, answer('5000'))
    expect(large.settled).toHaveLength(1)
    expect(large.offsets.slice(998, 1_002)).toEqual([998, 999, 5_000, 5_001])
  })

  test('are not believed when the answer leaves a partition out, or gives it no offset', () => {
    const request = takeRequest([job([record('a'), record('b', { partition: 1 })])])!
    const first = { topicName: 't', partition: 0, baseOffset: '0', errorCode: 0 }
    expect(() => confirm(request, [first])).toThrow('has not confirmed the records for t/1')
    expect(() => confirm(request, [first, { ...first, partition: 1, baseOffset: '-1' }])).toThrow('t/1')
  })

  test('that fail take the rest of their jobs with them, and nothing else', () => {
    const failing = job(Array.from({ length: 1_500 }, () => record('x')))
    const other = job([record('y')])
    const queue = [failing, other]
    const error = new Error('the broker is away')
    refuse(takeRequest(queue)!, error)
    expect(failing.settled).toEqual([error])
    expect(takeAll(queue).flat()).toEqual(other.records)
  })

  test('group messages by topic, with their partition and what rides along', () => {
    const request = takeRequest([job([record('a'), record('b', { topic: 'u', partition: 2 }), record('c')])])!
    expect(topicMessages(request, { attempt: 1 })).toEqual([
      {
        topic: 't',
        messages: [
          { key: null, value: 'a', partition: 0, attempt: 1 },
          { key: null, value: 'c', partition: 0, attempt: 1 },
        ],
      },
      { topic: 'u', messages: [{ key: null, value: 'b', partition: 2, attempt: 1 }] },
    ])
  })
})
