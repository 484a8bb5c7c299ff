import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '../services/until.ts'
import { comparableAlerts, makeSample, oracle } from './sample.ts'
import { cannotRun, useScene } from './scene.ts'

const scene = useScene()

describe.each(['embedded', 'kafka'] as const)('run on the %s bus', (bus) => {
  it.skipIf(cannotRun(bus))(
    'says of 5,000 shuffled events, a tenth of them twice, exactly what detect says',
    { timeout: 240_000 },
    async () => {
      const { folder, events, receiver } = scene
      const sample = makeSample(folder, { events: 5_000, resources: 2_000, seed: 7 })
      const expected = comparableAlerts(await oracle(sample, folder))
      for (const { name, bytes } of sample.files) writeFileSync(path.join(events, name), bytes)

      const service = await scene.start({ config: scene.config(bus, sample.state) })
      const isDone = () => (scene.delivered() >= expected.length ? true : undefined)
      await until(`${expected.length} alerts`, isDone, { deadlineMs: 200_000 })
      expect(await service.stop()).toBe(0)

      expect(comparableAlerts(receiver.hits.map(({ alert }) => alert))).toEqual(expected)
      expect(scene.announced()).toHaveLength(expected.length)
    },
  )
})
