import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { poll } from '../../../connectors/sources/poll.ts'
import { quietLog } from '../quiet-log.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('a look that ends is not made again', async () => {
  const look = vi.fn(async () => 'done' as const)
  const polling = poll(look, { intervalMs: 10, name: 'x', log: quietLog() })
  await polling.stop()
  expect(look).toHaveBeenCalledTimes(1)
})

test('a fault is logged once while it stays the same, and again when it is another', async () => {
  const log = quietLog()
  const faults = ['a', 'a', 'b', null, 'b']
  const healthy: boolean[] = []
  const polling = poll(
    async () => {
      const fault = faults.shift()
      if (fault) throw new Error(fault)
      return faults.length === 0 ? 'done' : 'again'
    },
    { intervalMs: 0, name: 'x', log },
  )
  while (faults.length > 0) {
    await settled()
    healthy.push(polling.healthy())
    await new Promise((resolve) => setImmediate(resolve))
  }
  await polling.stop()
  expect(log.lines.map(({ fields }) => fields.error)).toEqual(['a', 'b', 'b'])
  expect(new Set(healthy)).toEqual(new Set([true, false]))
})
