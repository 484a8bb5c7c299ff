import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dueTimes, type WaitingCall } from '../../processors/apply-in-flight.ts'
import type { Actor } from '../../schemas/types.ts'

const MINUTE = 60_000
const patience = { settleMs: 15 * MINUTE, longestApplyMs: 120 * MINUTE }
const actor = (arn: string): Actor => ({
  type: 'AssumedRole',
  name: 'run',
  email: null,
  arn,
  principalId: null,
  account: null,
  sessionIssuer: 'arn:aws:iam::123456789012:role/terraform',
  tool: 'terraform',
  sourceIp: null,
  mfa: null,
})
/** Minutes, as the due times are told here. */
const call = (minutes: number, { by = 'run-7', locked = false } = {}): WaitingCall => ({
  actor: actor(by),
  since: minutes * MINUTE,
  locked,
})
const dues = (...calls: WaitingCall[]) => dueTimes(calls, patience).map((time) => time / MINUTE)

describe('a call of an apply', () => {
  test('that is alone waits for the settle window', () => {
    expect(dues(call(3))).toEqual([18])
  })

  test('waits from the last of those that follow each other within the window', () => {
    expect(dues(call(0), call(14), call(28), call(43))).toEqual([43, 43, 43, 58])
  })

  test('belongs to the apply of its own principal', () => {
    expect(dues(call(0), call(10, { by: 'run-8' }), call(12))).toEqual([27, 25, 27])
  })

  test('waits while the lock is held, and no longer than the longest apply', () => {
    expect(dues(call(0, { locked: true }), call(40))).toEqual([120, 55])
    const endless = Array.from({ length: 20 }, (_, n) => call(n * 10))
    expect(dues(...endless)[0]).toBe(120)
  })

  test('waits for the settle window where that is longer than the longest apply', () => {
    const [due] = dueTimes([call(0, { locked: true })], { settleMs: 3 * MINUTE, longestApplyMs: MINUTE })
    expect(due).toBe(3 * MINUTE)
  })

  test('waits as long in whatever order it is told, never less than the window nor more than the longest', () => {
    const calls = fc.array(
      fc
        .tuple(fc.nat(300), fc.constantFrom('a', 'b'), fc.boolean())
        .map(([minutes, by, locked]) => call(minutes, { by, locked })),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(calls, (some) => {
        const times = dueTimes(some, patience)
        expect(dueTimes([...some].reverse(), patience).reverse()).toEqual(times)
        for (const [i, { since }] of some.entries()) {
          expect(times[i]).toBeGreaterThanOrEqual(since + patience.settleMs)
          expect(times[i]).toBeLessThanOrEqual(since + patience.longestApplyMs)
        }
      }),
    )
  })
})
