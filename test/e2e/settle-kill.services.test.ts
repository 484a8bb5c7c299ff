import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '../services/until.ts'
import { destroy, states } from '../support/terraform-run.ts'
import { command } from './command.ts'
import { comparableAlerts, oracle } from './sample.ts'
import { cannotRun, useScene } from './scene.ts'

const scene = useScene()
const patient = { deadlineMs: 60_000 }

describe.each(['embedded', 'kafka'] as const)("Terraform's calls that wait, on the %s bus", (bus) => {
  it.skipIf(cannotRun(bus))(
    'outlive kill -9 while they wait and as their alerts begin: all are delivered, each once',
    { timeout: 180_000 },
    async () => {
      const { folder, events, receiver } = scene
      const state = path.join(folder, 'terraform.tfstate')
      writeFileSync(state, states.applied)
      const bytes = Buffer.from(JSON.stringify({ Records: destroy.records('forged') }))
      const expected = comparableAlerts(
        await oracle({ state, files: [{ name: 'events.json', bytes }] }, folder),
      )
      const config = scene.config(bus, state)
      const start = (settle: string) => scene.start({ config: { ...config, terraform: { settle } } })

      let service = await start('1h')
      writeFileSync(path.join(events, 'events.json'), bytes)
      const waiting = async () => {
        const { lines } = await command({ folder, config }, 'tap', 'pending-changes')
        return lines.length >= destroy.differing ? true : undefined
      }
      await until('they wait', waiting, patient)
      service.kill('SIGKILL')
      await service.exited
      expect(scene.delivered()).toBe(0)

      // They have waited for longer than that by now.
      service = await start('1ms')
      await until('the first alert', () => scene.delivered() > 0 || undefined, { ...patient, everyMs: 2 })
      service.kill('SIGKILL')
      await service.exited

      service = await start('1ms')
      const all = () => (scene.delivered() >= expected.length ? true : undefined)
      await until(`${expected.length} alerts`, all, patient)
      expect(await service.stop()).toBe(0)
      expect(comparableAlerts(receiver.hits.map(({ alert }) => alert))).toEqual(expected)
      expect(scene.delivered()).toBe(expected.length)
    },
  )
})
