import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { available } from '../services/available.ts'
import { busConfigs } from './buses.ts'
import { type ServiceOptions, type ServiceProcess, startServiceProcess } from './service-process.ts'
import { receiveWebhooks, type WebhookReceiver } from './webhook-hits.ts'

const secret = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`

/** What a test of a whole service needs: a folder, a receiver of webhooks, and a service that ends with the test. */
export interface Scene {
  readonly folder: string
  /** A folder that the service watches for events. */
  readonly events: string
  readonly receiver: WebhookReceiver
  /** How many different alerts the receiver has been told of; a later status is no other alert. */
  delivered(): number
  /** Every delivery, repeats too, but for those that tell of a later status. */
  announced(): WebhookReceiver['hits']
  /** How many deliveries have come more than once. */
  repeats(): number
  /** A configuration that reads this state and `events`, and delivers to the receiver. */
  config(bus: 'embedded' | 'kafka', state: string): object
  start(options: Omit<ServiceOptions, 'folder'>): Promise<ServiceProcess>
}

/** Why tests on that bus cannot run here; false if they can. */
export function cannotRun(bus: 'embedded' | 'kafka'): boolean {
  const { kafka, registry } = available()
  return bus === 'kafka' && !(kafka && registry)
}

/** A fresh scene for every test of the file. */
export function useScene(): Scene {
  let folder = ''
  let receiver: WebhookReceiver
  const services: ServiceProcess[] = []

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-e2e-'))
    mkdirSync(path.join(folder, 'events'))
    receiver = await receiveWebhooks(secret)
  })

  afterEach(async () => {
    for (const service of services.splice(0)) {
      service.kill('SIGKILL')
      await service.exited
    }
    await receiver.close()
    rmSync(folder, { recursive: true, force: true })
  })

  return {
    get folder() {
      return folder
    },
    get events() {
      return path.join(folder, 'events')
    },
    get receiver() {
      return receiver
    },
    delivered: () => new Set(receiver.hits.map(({ alert }) => alert.id)).size,
    announced: () => receiver.hits.filter(({ alert }) => ['open', 'changed'].includes(alert.status)),
    repeats: () => receiver.hits.length - new Set(receiver.hits.map(({ id }) => id)).size,
    config: (bus, state) => ({
      ...busConfigs()[bus](),
      dataDir: path.join(folder, 'data'),
      sources: [{ kind: 'cloudtrail-files', paths: [path.join(folder, 'events')], watch: true }],
      states: [{ kind: 'file', path: state }],
      alerts: { info: true },
      sinks: { hook: { kind: 'webhook', url: receiver.url, secret } },
    }),
    async start(options) {
      const service = await startServiceProcess({ folder, ...options })
      services.push(service)
      return service
    },
  }
}
