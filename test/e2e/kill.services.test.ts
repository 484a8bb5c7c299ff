import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '../services/until.ts'
import { countingRules } from './counting-rules.ts'
import { comparableAlerts, makeSample, oracle } from './sample.ts'
import { cannotRun, useScene } from './scene.ts'

const KILLS = 10
/** The webhook sink has at most so many deliveries under way. */
const IN_FLIGHT = 8

const scene = useScene()

describe.each(['embedded', 'kafka'] as const)('kill -9 of run on the %s bus', (bus) => {
  it.skipIf(cannotRun(bus))(
    `at ${KILLS} moments while 2,000 records flow loses nothing`,
    { timeout: 300_000 },
    async ({ annotate }) => {
      const { folder, events, receiver } = scene
      const sample = makeSample(folder, { events: 2_000, resources: 1_000, seed: 11 })
      const rules = countingRules(folder)
      const alerts = await oracle(sample, folder, rules)
      const counted = alerts
        .filter(({ type }) => type === 'signal')
        .flatMap(({ matchedRules }) => matchedRules)
      expect(new Set(counted.map(({ id }) => id))).toEqual(new Set(['many', 'again', 'chain']))
      const expected = comparableAlerts(alerts)
      const config = { ...scene.config(bus, sample.state), rules: [rules] }
      const start = () => scene.start({ config, impatient: true })

      let service = await start()
      for (const { name, bytes } of sample.files.slice(0, KILLS)) {
        writeFileSync(path.join(events, name), bytes)
        // A moment that no run can foresee: after some more deliveries, or before the first.
        const progress = scene.delivered() + Math.floor((Math.random() * expected.length) / KILLS)
        const isThere = () => (scene.delivered() >= progress ? true : undefined)
        const deadlineMs = 2_000 + Math.random() * 3_000
        await until('progress', isThere, { deadlineMs, everyMs: 5 }).catch(() => {})
        service.kill('SIGKILL')
        await service.exited
        service = await start()
      }
      const isDone = () => (scene.delivered() >= expected.length ? true : undefined)
      await until(`${expected.length} alerts`, isDone, { deadlineMs: 200_000 })
      expect(await service.stop()).toBe(0)

      const repeats = scene.repeats()
      await annotate(
        `kill -9 on ${bus}: ${expected.length} alerts (${counted.length} of several events), ${KILLS} kills, 0 lost, ${repeats} raw repeats`,
      )
      expect(comparableAlerts(receiver.hits.map(({ alert }) => alert))).toEqual(expected)
      expect(scene.delivered()).toBe(expected.length)
      expect(repeats).toBeLessThanOrEqual(KILLS * IN_FLIGHT)
    },
  )
})
