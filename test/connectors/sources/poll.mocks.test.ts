import { setImmediate as settled } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { type NextLook, type Polling, poll } from '../../../connectors/sources/poll.ts'
import { quietLog } from '../quiet-log.ts'

const pauses: number[] = []

vi.mock('node:timers/promises', async (original) => ({
  ...(await original<typeof import('node:timers/promises')>()),
  setTimeout: async (ms: number, _: unknown, { signal }: { signal: AbortSignal }) => {
    pauses.push(ms)
    if (ms === LONG) await new Promise((_, reject) => signal.addEventListener('abort', reject))
  },
}))

/** A wait that only an abort ends. */
const LONG = 2_000_000

afterEach(() => {
  pauses.length = 0
})

/** Polls until the looks are used up; an Error is thrown instead of returned. */
async function pollThrough(looks: (NextLook | Error)[]): Promise<{ errors: unknown[]; healthy: boolean[] }> {
  const log = quietLog()
  const healthy: boolean[] = []
  let polling: Polling | undefined
  polling = poll(
    async () => {
      if (polling) healthy.push(polling.healthy())
      const next = looks.shift() ?? 'done'
      if (next instanceof Error) throw next
      return next
    },
    { intervalMs: 1_500, name: 'x', log },
  )
  while (looks.length > 0) await settled()
  await polling.stop()
  return { errors: log.lines.map(({ fields }) => fields.error), healthy }
}

test('a look that is the last is not made again', async () => {
  await pollThrough(['done'])
  expect(pauses).toEqual([])
})

test('the interval lies between two looks', async () => {
  await pollThrough(['again', 'again', 'done'])
  expect(pauses).toEqual([1_500, 1_500])
})

test('a look that failed is made again soon, ever less soon, until one succeeds', async () => {
  const fault = new Error('a')
  await pollThrough([fault, 'retry', fault, fault, 'again', fault, 'done'])
  expect(pauses).toEqual([250, 500, 1_000, 1_500, 1_500, 250])
})

test('a fault is logged once while it stays the same, and again when it comes back', async () => {
  const [a, b] = [new Error('a'), new Error('b')]
  const { errors, healthy } = await pollThrough([a, a, b, 'again', b, 'done'])
  expect(errors).toEqual(['a', 'b', 'b'])
  expect(healthy).toEqual([false, false, false, true, false])
})

test('stop waits for the running look and ends the loop', async () => {
  let end = () => {}
  const look = vi.fn(
    () =>
      new Promise<NextLook>((resolve) => {
        end = () => resolve('again')
      }),
  )
  const polling = poll(look, { intervalMs: 1, name: 'x', log: quietLog() })
  const stopped = polling.stop()
  expect(await Promise.race([stopped.then(() => 'stopped'), settled('looking')])).toBe('looking')
  end()
  await stopped
  expect(look).toHaveBeenCalledTimes(1)
})

test('woken it looks soon, once for all who asked, also if they did so while it looked', async () => {
  let looks = 0
  let atLook = () => {}
  const polling = poll(
    async () => {
      looks++
      atLook()
      return 'again'
    },
    { intervalMs: LONG, name: 'x', log: quietLog() },
  )
  await settled()
  expect([looks, pauses]).toEqual([1, [LONG]])
  polling.wake()
  polling.wake()
  await settled()
  expect([looks, pauses]).toEqual([2, [LONG, 500, LONG]])
  atLook = () => {
    atLook = () => {}
    polling.wake()
  }
  polling.wake()
  await settled()
  expect([looks, pauses]).toEqual([4, [LONG, 500, LONG, 500, 500, LONG]])
  await polling.stop()
  expect(looks).toBe(4)
})

test('with a long interval a fault is looked at again within five minutes', async () => {
  pauses.length = 0
  let looks = 0
  const polling = poll(async () => (looks++ < 13 ? 'retry' : 'done'), {
    intervalMs: LONG,
    name: 'x',
    log: quietLog(),
  })
  while (looks < 14) await settled()
  await polling.stop()
  expect(pauses.slice(-3)).toEqual([256_000, 300_000, 300_000])
})
