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
  return { topic, partition, bytes, key: null, value: Buffer.from(value), headers: {} }
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

function bytesOf(records: LaneRecord[]): number {
  return records.reduce((sum, { bytes }) => sum + bytes, 0)
}

describe('requests', () => {
  test('hold every record once, in order, whatever the sizes, and stay small', () => {
    const bytes = fc.integer({ min: 1, max: 1_200_000 })
    const one = fc.record({ bytes, partition: fc.nat(5), topic: fc.constantFrom('t', 'u') })
    fc.assert(
      fc.property(
        fc.array(
          fc.array(
            one.map((at) => record('', at)),
            { minLength: 1 },
          ),
        ),
        (jobs) => {
          const requests = takeAll(jobs.map((records) => job(records)))
          expect(requests.flat()).toEqual(jobs.flat())
          for (const request of requests) {
            if (request.length === 1) continue
            expect(bytesOf(request)).toBeLessThanOrEqual(4_000_000)
            for (const { topic, partition } of request) {
              const there = request.filter((each) => each.topic === topic && each.partition === partition)
              expect(bytesOf(there)).toBeLessThanOrEqual(900_000)
            }
          }
        },
      ),
    )
  })

  test('are as few as the size allows', () => {
    const small = Array.from({ length: 2_500 }, () => record('', { bytes: 10 }))
    expect(takeAll([job(small)]).map(({ length }) => length)).toEqual([1_000, 1_000, 500])
    const large = Array.from({ length: 4 }, () => record('', { bytes: 450_000 }))
    expect(takeAll([job(large.slice(0, 1)), job(large.slice(1))]).map(({ length }) => length)).toEqual([2, 2])
  })

  test('count size by partition and number by topic, which is what the broker and kafkajs mind', () => {
    const partitions = Array.from({ length: 4 }, (_, partition) => record('', { partition, bytes: 900_000 }))
    expect(takeAll([job(partitions)]).map(({ length }) => length)).toEqual([4])
    const topics = Array.from({ length: 2_000 }, (_, n) => record('', { topic: `t${n % 2}`, bytes: 10 }))
    expect(takeAll([job(topics)]).map(({ length }) => length)).toEqual([2_000])
  })

  test('carry a record that is too large for any of them alone, so that it fails alone', () => {
    const records = [record('a'), record('b', { bytes: 5_000_000 }), record('c', { partition: 1 })]
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
    const message = (value: string, partition: number) => ({
      key: null,
      value: Buffer.from(value),
      headers: {},
      partition,
      attempt: 1,
    })
    expect(topicMessages(request, 1)).toEqual([
      { topic: 't', messages: [message('a', 0), message('c', 0)] },
      { topic: 'u', messages: [message('b', 2)] },
    ])
  })
})
