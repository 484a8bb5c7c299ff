import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '../services/until.ts'
import { makeSample, oracle } from './sample.ts'
import { cannotRun, useScene } from './scene.ts'

const scene = useScene()

describe.each(['embedded', 'kafka'] as const)('SIGTERM of run on the %s bus', (bus) => {
  it.skipIf(cannotRun(bus))(
    'waits for the answers of the webhook, so that nothing is delivered twice',
    { timeout: 120_000 },
    async () => {
      const { folder, events, receiver } = scene
      const sample = makeSample(folder, { events: 60, resources: 60, seed: 5 })
      const expected = await oracle(sample, folder)
      const config = scene.config(bus, sample.state)
      for (const { name, bytes } of sample.files) writeFileSync(path.join(events, name), bytes)

      receiver.delayMs = 1_000
      const first = await scene.start({ config })
      await until('a delivery is under way', () => scene.delivered() > 0 || undefined)
      expect(await first.stop()).toBe(0)
      expect(scene.delivered()).toBeLessThan(expected.length)
      receiver.delayMs = 0
      const second = await scene.start({ config })
      await until('the others', () => (scene.delivered() >= expected.length ? true : undefined))
      expect(await second.stop()).toBe(0)
      expect(scene.announced()).toHaveLength(expected.length)
    },
  )
})
