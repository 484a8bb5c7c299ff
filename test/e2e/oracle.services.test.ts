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

let folder: string
let receiver: WebhookReceiver
let service: ServiceProcess | undefined

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-oracle-'))
  receiver = await receiveWebhooks(secret)
})

afterEach(async () => {
  service?.kill('SIGKILL')
  await service?.exited
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

describe.each(['embedded', 'kafka'] as const)('run on the %s bus', (bus) => {
  const missing = bus === 'kafka' && !(kafka && registry)

  it.skipIf(missing)(
    'says of 5,000 shuffled events, a tenth of them twice, exactly what detect says',
    { timeout: 180_000 },
    async () => {
      const sample = makeSample(folder, { events: 5_000, resources: 2_000, seed: 7 })
      const expected = comparableAlerts(await oracle(sample, folder))
      const events = path.join(folder, 'events')
      mkdirSync(events)
      for (const { name, bytes } of sample.files) writeFileSync(path.join(events, name), bytes)

      service = await startServiceProcess({
        folder,
        config: {
          ...buses[bus](),
          dataDir: path.join(folder, 'data'),
          sources: [{ kind: 'cloudtrail-files', paths: [events], watch: true }],
          states: [{ kind: 'file', path: sample.state }],
          alerts: { info: true },
          sinks: { hook: { kind: 'webhook', url: receiver.url, secret } },
        },
      })
      const ids = () => new Set(receiver.hits.map(({ alert }) => alert.id)).size
      await until(`${expected.length} alerts`, () => (ids() >= expected.length ? true : undefined), {
        deadlineMs: 120_000,
      })
      expect(await service.stop()).toBe(0)

      expect(comparableAlerts(receiver.hits.map(({ alert }) => alert))).toEqual(expected)
      expect(receiver.hits.map(({ id }) => id)).toHaveLength(expected.length)
    },
  )
})
