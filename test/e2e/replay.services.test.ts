import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { loadConfig } from '../../cli/config/load.ts'
import { openBus } from '../../cli/service/open-bus.ts'
import type { AlertJson } from '../../connectors/alert-json.ts'
import { available } from '../services/available.ts'
import { resetOffsets } from '../services/kafka-tools.ts'
import { until } from '../services/until.ts'
import { silent } from '../streams/kafka-support.ts'
import { busConfigs } from './buses.ts'
import { command } from './command.ts'
import { comparableAlerts, makeSample, oracle, type Sample } from './sample.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'
import { receiveWebhooks, type WebhookReceiver } from './webhook-hits.ts'
import { decodedByStranger, wholeTopic } from './whole-topic.ts'

const secret = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`
const SLOW = { timeout: 240_000 }
const PATIENT = { deadlineMs: 90_000, everyMs: 250 }

type Said = Pick<AlertJson, 'id' | 'status'>
interface Place {
  folder: string
  config: { bus: { topicPrefix: string } & Record<string, unknown> } & Record<string, unknown>
}

let place: Place
let receiver: WebhookReceiver
let expected: AlertJson[]
/** How many records of alerts one run makes: an event that comes twice has two. */
let tellings: number
let service: ServiceProcess | undefined

afterEach(async () => {
  service?.kill('SIGKILL')
  await service?.exited
  service = undefined
  await receiver.close()
  rmSync(place.folder, { recursive: true, force: true })
})

async function prepare(bus: 'embedded' | 'kafka'): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-replay-'))
  receiver = await receiveWebhooks(secret)
  const sample = makeSample(folder, { events: 400, resources: 200, seed: 23 })
  expected = await oracle(sample, folder)
  tellings = countTellings(sample)
  const [events, rules] = ['events', 'rules'].map((name) => path.join(folder, name)) as [string, string]
  for (const dir of [events, rules]) mkdirSync(dir)
  for (const { name, bytes } of sample.files) writeFileSync(path.join(events, name), bytes)
  const config = {
    ...(busConfigs()[bus]() as { bus: Place['config']['bus'] }),
    dataDir: path.join(folder, 'data'),
    sources: [{ kind: 'cloudtrail-files', paths: [events], watch: true }],
    states: [{ kind: 'file', path: sample.state }],
    rules: [rules],
    alerts: { info: true },
    sinks: { hook: { kind: 'webhook', url: receiver.url, secret } },
  }
  place = { folder, config }
}

function countTellings({ files }: Sample): number {
  const records = files.flatMap(
    ({ bytes }) => JSON.parse(gunzipSync(bytes).toString()).Records as { eventID: string }[],
  )
  const alertsOf = (eventId: string) =>
    expected.filter(({ sourceEvent }) => sourceEvent.id === eventId).length
  return records.reduce((sum, { eventID }) => sum + alertsOf(eventID), 0)
}

async function run(): Promise<void> {
  service = await startServiceProcess(place)
}

async function end(): Promise<void> {
  expect(await service!.stop()).toBe(0)
  service = undefined
}

/** Starts, and lets the sample run through to the webhook. */
async function runAll(): Promise<void> {
  await run()
  await until(
    `${expected.length} alerts`,
    () => (receiver.hits.length >= expected.length ? true : undefined),
    PATIENT,
  )
  await published(tellings)
  expect(comparableAlerts(receiver.hits.map(({ alert }) => alert))).toEqual(comparableAlerts(expected))
}

/** What the topic says, in the order of ids: repeats too. */
async function said(): Promise<string[]> {
  const { lines } = await command(place, 'tap', 'alerts')
  return announcements(lines.map(({ value }) => value as Said))
}

function announcements(alerts: readonly Said[]): string[] {
  return alerts.map(({ id, status }) => `${id}:${status}`).sort()
}

const twice = (list: readonly string[]) => [...list, ...list].sort()

async function published(count: number): Promise<void> {
  await until(
    `${count} records of alerts`,
    async () => {
      const { lines } = await command(place, 'topics', 'describe', 'alerts')
      return (lines[0]!.records as number) >= count || undefined
    },
    PATIENT,
  )
}

/** Stops the service once its webhook sink has come to the end of the alerts. */
async function endDrained(): Promise<void> {
  for (await end(); (await sinkLag()) > 0; await end()) await run()
}

/** How many alerts the sink has not come to yet; nothing may run. */
async function sinkLag(): Promise<number> {
  const file = path.join(place.folder, 'lag.yaml')
  writeFileSync(file, stringify(place.config))
  const config = loadConfig(file, {})
  const { bus, close } = await openBus(config, silent)
  try {
    const prefix = config.bus.topicPrefix
    const ends = await bus.offsets(`${prefix}alerts`)
    const reached = await bus.committed(`${prefix}sink.hook`, `${prefix}alerts`)
    const offsetOf = new Map(reached.map(({ partition, offset }) => [partition, offset ?? 0]))
    return ends.reduce((sum, { partition, high }) => sum + high - offsetOf.get(partition)!, 0)
  } finally {
    await close()
  }
}

/** A second run over the same events has said everything once more, and nobody was told again. */
async function expectSecondTelling(first: readonly string[]): Promise<void> {
  await published(2 * first.length)
  await endDrained()
  expect(await said()).toEqual(twice(first))
  expect(receiver.hits).toHaveLength(expected.length)
}

async function replay(): Promise<void> {
  const { code, err, lines } = await command(place, 'replay', '--from', 'earliest')
  expect(code, err).toBe(0)
  expect(lines).toMatchObject([
    { group: `${place.config.bus.topicPrefix}processor`, topic: `${place.config.bus.topicPrefix}raw-events` },
  ])
}

describe.skipIf(!available().kafka || !available().registry)('a replay on Kafka', SLOW, () => {
  beforeEach(() => prepare('kafka'))

  it("by Kafka's own tool says the same alerts again and delivers none twice", async () => {
    await runAll()
    await endDrained()
    const first = await said()
    const prefix = place.config.bus.topicPrefix
    const moved = await resetOffsets(
      available().kafka!,
      `${prefix}processor`,
      `${prefix}raw-events`,
      '--to-earliest',
    )
    expect([...new Set(moved.values())]).toEqual([0n])
    await run()
    await expectSecondTelling(first)
    const records = await wholeTopic(`${prefix}alerts`)
    const alerts = await decodedByStranger<Said>(records.map(({ value }) => value))
    expect(announcements(alerts)).toEqual(twice(first))
  })

  it('by tfdrift replay does so too, but is refused while a service runs', async () => {
    await runAll()
    const first = await said()
    const refused = await command(place, 'replay', '--from', 'earliest')
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toContain(
      `tfdrift: group ${place.config.bus.topicPrefix}processor has live members: stop every instance`,
    )
    await endDrained()
    expect(await said()).toEqual(first)
    await replay()
    await run()
    await expectSecondTelling(first)
  })
})

describe('a replay on the embedded bus', SLOW, () => {
  beforeEach(() => prepare('embedded'))

  it('of a running service says the same alerts again and delivers none twice', async () => {
    await runAll()
    const first = await said()
    await replay()
    await expectSecondTelling(first)
  })

  it('while nothing runs does so at the next start', async () => {
    await runAll()
    await endDrained()
    const first = await said()
    await replay()
    expect(await said()).toEqual(first)
    await run()
    await expectSecondTelling(first)
  })
})

describe.each(['embedded', 'kafka'] as const)('replay --dry-run on the %s bus', SLOW, (bus) => {
  const missing = bus === 'kafka' && !(available().kafka && available().registry)

  it.skipIf(missing)('names what would differ: nothing, then what a new rule changes', async () => {
    await prepare(bus)
    await runAll()
    const rehearse = () => command(place, 'replay', '--from', 'earliest', '--dry-run')
    expect(await rehearse()).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringMatching(/^nothing would differ$/m),
    })

    writeFileSync(path.join(place.folder, 'rules', 'own.yaml'), stringify({ rules: [OWN_RULE] }))
    const resized = expected.filter(
      ({ resource, diffs }) =>
        resource?.type === 'aws_instance' && diffs.some(({ attribute }) => attribute === 'instance_type'),
    )
    expect(resized.length).toBeGreaterThan(3)
    const { code, lines, err } = await rehearse()
    expect(code).toBe(0)
    expect(err).toContain(`${resized.length} alerts would differ\n`)
    expect(lines.map(({ change, id, severity }) => ({ change, id, severity })).sort(byId)).toEqual(
      resized.map(({ id }) => ({ change: 'changed', id, severity: 'critical' })).sort(byId),
    )
    await endDrained()
    expect(await rehearse()).toMatchObject({ code: 0, out: expect.stringContaining('changed') })
    expect(receiver.hits).toHaveLength(expected.length)
  })
})

const OWN_RULE = {
  id: 'own-001',
  name: 'An instance has another size',
  resource_types: ['aws_instance'],
  conditions: [{ attribute: 'instance_type', operator: 'changed' }],
  severity: 'critical',
}

function byId(a: { id: unknown }, b: { id: unknown }): number {
  return String(a.id) < String(b.id) ? -1 : 1
}
