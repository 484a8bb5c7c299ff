import fc from 'fast-check'
import kafkajs from 'kafkajs'
import { expect, it } from 'vitest'
import { partitionOf } from '../../streams/partitioner.ts'

it('puts every key where the clients of Kafka put it', () => {
  const partitioner = kafkajs.Partitioners.DefaultPartitioner()
  const key = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(key, fc.integer({ min: 1, max: 200 }), (key, partitions) => {
      const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
        partitionId,
        partitionErrorCode: 0,
        leader: 1,
        replicas: [1],
        isr: [1],
      }))
      const expected = partitioner({ topic: 'topic', partitionMetadata, message: { key, value: null } })
      expect(partitionOf(key, partitions)).toBe(expected)
    }),
    { numRuns: 1_000 },
  )
})

it('puts records without a key into the first partition', () => {
  expect(partitionOf(null, 12)).toBe(0)
})
