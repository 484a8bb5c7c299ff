import { beforeEach, describe, expect, test } from 'vitest'
import { type Assignment, createAssignment } from '../../streams/kafka-assignment.ts'

const SESSION_MS = 10_000
const GRACE_MS = 60_000

describe('an assignment of partitions', () => {
  let now: number
  let assignment: Assignment
  const kafkaError = (type: string) => Object.assign(new Error(type), { type })
  beforeEach(() => {
    now = 1_000_000
    assignment = createAssignment(SESSION_MS, GRACE_MS, () => now)
  })

  test('lasts as long as the coordinator confirms it within a session', () => {
    for (let beats = 0; beats < 5; beats++) {
      now += SESSION_MS - 1
      expect(assignment.alive()).toBe(true)
      assignment.confirmed()
    }
    now += SESSION_MS
    expect(assignment.alive()).toBe(false)
  })

  test.each(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID'])(
    'is over at once after %s',
    (type) => {
      expect(assignment.refused(kafkaError(type))).toBe(true)
      expect(assignment.alive()).toBe(false)
      expect(assignment.ending.reason).toMatchObject({ type })
      assignment.confirmed()
      expect(assignment.alive()).toBe(false)
    },
  )

  test.each(['REBALANCE_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP'])(
    'may finish what it has begun after %s, while the coordinator still answers, and not for ever',
    (type) => {
      expect(assignment.refused(kafkaError(type))).toBe(true)
      expect(assignment.ending.aborted).toBe(true)
      const started = now
      while (assignment.alive()) {
        now += SESSION_MS / 2
        assignment.refused(kafkaError(type))
      }
      expect(now - started).toBe(GRACE_MS / 2)
    },
  )

  test('is over after a session of silence in a rebalance, too', () => {
    assignment.refused(kafkaError('REBALANCE_IN_PROGRESS'))
    now += SESSION_MS
    expect(assignment.alive()).toBe(false)
  })

  test('does not end because a heartbeat found no broker', () => {
    expect(assignment.refused(new Error('ECONNREFUSED'))).toBe(false)
    expect(assignment.refused(kafkaError('REQUEST_TIMED_OUT'))).toBe(false)
    expect(assignment.ending.aborted).toBe(false)
    expect(assignment.alive()).toBe(true)
  })

  test('finds the error of the coordinator however kafkajs has wrapped it', () => {
    const wrapped = new Error('retries exceeded', { cause: kafkaError('UNKNOWN_MEMBER_ID') })
    expect(assignment.refused(wrapped)).toBe(true)
    expect(assignment.alive()).toBe(false)
  })

  test('is over when the next one has come', () => {
    assignment.replaced()
    expect(assignment.alive()).toBe(false)
    expect(assignment.ending.aborted).toBe(true)
  })
})
