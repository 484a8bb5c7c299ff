import { expect, test } from 'vitest'
import { type TopicName, topology } from '../../processors/topology.ts'

const largest = (name: TopicName) => topology.find((topic) => topic.name === name)?.maxMessageBytes ?? 0

test.each(['diffs', 'alerts', 'alert-status'] as const)(
  '%s takes the values of the largest state row, as they were and as they are',
  (name) => {
    expect(largest(name)).toBeGreaterThanOrEqual(2 * largest('state-snapshot'))
  },
)
