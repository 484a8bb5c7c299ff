import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '../services/until.ts'
import { makeSample, oracle } from './sample.ts'
import { cannotRun, useScene } from './scene.ts'

/** After this Kafka shuts a member out of its group that does not let the group form anew. */
const REBALANCE_TIMEOUT_MS = 60_000

const scene = useScene()

describe.skipIf(cannotRun('kafka'))('a second instance on Kafka that comes while the webhook is away', () => {
  it('is let in at once, and nothing is delivered twice when the webhook is back', {
    timeout: 240_000,
  }, async () => {
    const { folder, events, receiver } = scene
    const sample = makeSample(folder, { events: 200, resources: 100, seed: 5 })
    const expected = await oracle(sample, folder)
    const { bus, sinks, ...rest } = scene.config('kafka', sample.state) as {
      bus: object
      sinks: { hook: object }
    }
    const retry = { minDelay: '200ms', maxDelay: '2s' }
    const config = { ...rest, bus: { ...bus, partitions: 1 }, sinks: { hook: { ...sinks.hook, retry } } }
    for (const { name, bytes } of sample.files) writeFileSync(path.join(events, name), bytes)

    receiver.away = true
    const first = await scene.start({ config })
    await until('the webhook is missed', () => first.log().includes('delivery failed') || undefined)
    const came = Date.now()
    const second = await scene.start({
      config: { ...config, dataDir: path.join(folder, 'second') },
      args: ['--roles', 'notify'],
    })
    expect(Date.now() - came).toBeLessThan(REBALANCE_TIMEOUT_MS / 2)
    receiver.delayMs = 300
    receiver.away = false
    const isDone = () => (scene.delivered() >= expected.length ? true : undefined)
    await until(`${expected.length} alerts`, isDone, { deadlineMs: 120_000 })
    expect(await Promise.all([first.stop(), second.stop()])).toEqual([0, 0])
    expect(scene.announced()).toHaveLength(expected.length)
  })
})
