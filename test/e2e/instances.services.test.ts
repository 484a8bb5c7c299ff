import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { available } from '../services/available.ts'
import { until } from '../services/until.ts'
import { busConfigs } from './buses.ts'
import { comparableAlerts, makeSample, oracle } from './sample.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'
import { rowsOfEnded, tableTopics } from './stored-rows.ts'
import { receiveWebhooks, type WebhookReceiver } from './webhook-hits.ts'
import { foldOf, wholeTopic } from './whole-topic.ts'

const secret = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`
const PARTITIONS = 6
const RESOURCES = 300
/** What must have drained by then: the service's own promise. */
const DRAIN_MS = 25_000
/** The webhook sink has at most so many deliveries under way. */
const IN_FLIGHT = 8
const PATIENT = { deadlineMs: 120_000 }

type Name = 'a' | 'b'

let folder: string
let receiver: WebhookReceiver
let config: { bus: { topicPrefix: string } } & Record<string, unknown>
let instances: Partial<Record<Name, ServiceProcess>>

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-instances-'))
  receiver = await receiveWebhooks(secret)
  instances = {}
})

afterEach(async () => {
  for (const instance of Object.values(instances)) {
    instance.kill('SIGKILL')
    await instance.exited
  }
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

/** `a` has every role, `b` only processes. Each has a data directory of its own, and keeps it. */
async function start(name: Name): Promise<void> {
  instances[name] = await startServiceProcess({
    folder,
    config: { ...config, dataDir: dataDir(name) },
    args: name === 'b' ? ['--roles', 'process'] : [],
  })
}

function dataDir(name: Name): string {
  return path.join(folder, name)
}

/** How many partitions of the raw events each of them has been given last. */
function shares(): number[] {
  return Object.values(instances).map((instance) => {
    const joins = instance
      .log()
      .split('\n')
      .filter((line) => line.includes('"joined the group"'))
      .map((line) => JSON.parse(line) as { group: string; partitions: number })
    return joins.findLast(({ group }) => group === `${config.bus.topicPrefix}processor`)?.partitions ?? 0
  })
}

async function shared(): Promise<void> {
  await until(
    `the ${PARTITIONS} partitions are shared out`,
    () => (shares().every((share) => share > 0) && sum(shares()) === PARTITIONS) || undefined,
    PATIENT,
  )
}

async function end(name: Name, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const instance = instances[name]!
  const asked = Date.now()
  if (signal === 'SIGTERM') {
    expect(await instance.stop(), instance.log()).toBe(0)
    expect(Date.now() - asked).toBeLessThan(DRAIN_MS)
  } else {
    instance.kill(signal)
    await instance.exited
  }
  delete instances[name]
}

const deliveries = () => new Set(receiver.hits.map(({ id }) => id)).size

function delivered(count: number): Promise<true> {
  return until(`${count} deliveries`, () => (deliveries() >= count ? true : undefined), PATIENT)
}

describe.skipIf(!available().kafka || !available().registry)('two instances on Kafka', () => {
  it.each([
    { name: 'a', signal: 'SIGTERM', repeats: 0 },
    { name: 'b', signal: 'SIGTERM', repeats: 0 },
    { name: 'a', signal: 'SIGKILL', repeats: IN_FLIGHT },
    { name: 'b', signal: 'SIGKILL', repeats: 0 },
  ] as const)(
    'share the work, and lose nothing when $name ends by $signal',
    { timeout: 240_000 },
    async ({ name, signal, repeats }) => {
      const sample = makeSample(folder, { events: 600, resources: RESOURCES, seed: 31 })
      const expected = comparableAlerts(await oracle(sample, folder))
      const events = path.join(folder, 'events')
      mkdirSync(events)
      config = {
        ...(busConfigs().kafka() as { bus: { topicPrefix: string } }),
        sources: [{ kind: 'cloudtrail-files', paths: [events], watch: true }],
        states: [{ kind: 'file', path: sample.state }],
        alerts: { info: true },
        sinks: { hook: { kind: 'webhook', url: receiver.url, secret } },
      }
      await start('a')
      await start('b')
      await shared()

      const drop = (files: typeof sample.files) => {
        for (const { name, bytes } of files) writeFileSync(path.join(events, name), bytes)
      }
      drop(sample.files.slice(0, 5))
      await delivered(expected.length / 10)
      await end(name, signal)
      drop(sample.files.slice(5))
      if (name === 'b') await delivered(expected.length)
      await start(name)
      await shared()
      await delivered(expected.length)
      await end('a', 'SIGTERM')
      await end('b', 'SIGTERM')

      expect(comparableAlerts(receiver.hits.map(({ alert }) => alert))).toEqual(expected)
      expect(deliveries()).toBe(expected.length)
      expect(receiver.hits.length - deliveries()).toBeLessThanOrEqual(repeats)
      await expectTables()
    },
  )
})

/** Of both instances: they hold what the topics amount to, all of it. */
async function expectTables(): Promise<void> {
  const state = foldOf(await wholeTopic(`${config.bus.topicPrefix}${tableTopics.state}`))
  expect([...state.keys()].filter((key) => !key.startsWith('__sync|'))).toHaveLength(RESOURCES)
  for (const name of ['a', 'b'] as const) expect(await rowsOfEnded(dataDir(name), 'state')).toEqual(state)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
