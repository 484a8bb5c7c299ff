import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { available } from '../services/available.ts'
import { until } from '../services/until.ts'
import { busConfigs } from './buses.ts'
import { comparableAlerts, makeSample, oracle } from './sample.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'
import { receiveWebhooks, type WebhookReceiver } from './webhook-hits.ts'

const secret = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`
const buses = busConfigs()
const { kafka, registry } = available()
const KILLS = 10
/** The webhook sink has at most so many deliveries under way. */
const IN_FLIGHT = 8

let folder: string
let receiver: WebhookReceiver
let service: ServiceProcess | undefined

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-kill-'))
  receiver = await receiveWebhooks(secret)
})

afterEach(async () => {
  service?.kill('SIGKILL')
  await service?.exited
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

describe.each(['embedded', 'kafka'] as const)('kill -9 of run on the %s bus', (bus) => {
  const missing = bus === 'kafka' && !(kafka && registry)

  it.skipIf(missing)(
    `at ${KILLS} moments while 2,000 records flow loses nothing`,
    { timeout: 300_000 },
    async ({ annotate }) => {
      const sample = makeSample(folder, { events: 2_000, resources: 1_000, seed: 11 })
      const expected = comparableAlerts(await oracle(sample, folder))
      const events = path.join(folder, 'events')
      mkdirSync(events)
      const config = {
        ...buses[bus](),
        dataDir: path.join(folder, 'data'),
        sources: [{ kind: 'cloudtrail-files', paths: [events], watch: true }],
        states: [{ kind: 'file', path: sample.state }],
        alerts: { info: true },
        sinks: { hook: { kind: 'webhook', url: receiver.url, secret } },
      }
      const ids = () => new Set(receiver.hits.map(({ id }) => id)).size
      const start = () => startServiceProcess({ folder, config, impatient: true })

      service = await start()
      for (const [round, { name, bytes }] of sample.files.entries()) {
        writeFileSync(path.join(events, name), bytes)
        if (round >= KILLS) continue
        // A moment after some progress that no run can foresee: so many deliveries more, or none at all.
        const progress = ids() + Math.floor((Math.random() * expected.length) / KILLS)
        await until('progress, or time', () => (ids() >= progress ? true : undefined), {
          deadlineMs: 3_000 + Math.random() * 3_000,
          everyMs: 5,
        }).catch(() => {})
        service.kill('SIGKILL')
        await service.exited
        service = await start()
      }
      await until(`${expected.length} alerts`, () => (ids() >= expected.length ? true : undefined), {
        deadlineMs: 180_000,
      })
      expect(await service.stop()).toBe(0)

      const repeats = receiver.hits.length - ids()
      await annotate(`${bus}: ${expected.length} alerts, ${KILLS} kills, ${repeats} raw repeats`)
      expect(comparableAlerts(receiver.hits.map(({ alert }) => alert))).toEqual(expected)
      expect(ids()).toBe(expected.length)
      expect(repeats).toBeLessThanOrEqual(KILLS * IN_FLIGHT)
    },
  )
})
