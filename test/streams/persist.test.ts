import { describe, expect, test } from 'vitest'
import { persist } from '../../streams/persist.ts'

const never = new AbortController().signal
const quick = { firstWaitMs: 1, longestWaitMs: 4 }

/** Work that fails so many times before it succeeds. */
function failing(times: number) {
  let tries = 0
  return async () => {
    tries++
    if (tries <= times) throw new Error(`try ${tries}`)
    return tries
  }
}

describe('persistence', () => {
  test('tries until the work succeeds, and tells each failure', async () => {
    const failures: unknown[] = []
    const onFailure = (error: unknown, attempt: number) => failures.push([attempt, (error as Error).message])
    expect(await persist(failing(3), { signal: never, onFailure, ...quick })).toBe(4)
    expect(failures).toEqual([
      [1, 'try 1'],
      [2, 'try 2'],
      [3, 'try 3'],
    ])
  })

  test('waits twice as long each time, up to the longest wait, less a random part', async () => {
    const waits: number[] = []
    const onFailure = (_: unknown, __: number, waitMs: number) => waits.push(waitMs)
    await persist(failing(5), { signal: never, onFailure, firstWaitMs: 1, longestWaitMs: 4 })
    for (const [index, most] of [1, 2, 4, 4, 4].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(most / 2)
      expect(waits[index]).toBeLessThanOrEqual(most)
    }
  })

  test('makes the first try even when it is over already, and no second', async () => {
    const over = AbortSignal.abort(new Error('over'))
    expect(await persist(failing(0), { signal: over, onFailure: () => {} })).toBe(1)
    await expect(persist(failing(1), { signal: over, onFailure: () => {} })).rejects.toThrow('over')
  })

  test('stops waiting when it is over', async () => {
    const control = new AbortController()
    const onFailure = () => control.abort(new Error('over'))
    const waiting = persist(failing(9), { signal: control.signal, onFailure, firstWaitMs: 3_600_000 })
    await expect(waiting).rejects.toThrow('over')
  })

  test('is ended by an onFailure that throws', async () => {
    const onFailure = () => {
      throw new Error('hopeless')
    }
    await expect(persist(failing(9), { signal: never, onFailure })).rejects.toThrow('hopeless')
  })
})
