import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { loadConfig } from '../../cli/config/load.ts'
import type { RehearsalReport } from '../../cli/rules/rehearsal-report.ts'
import { openBus } from '../../cli/service/open-bus.ts'
import type { AlertJson } from '../../connectors/alert-json.ts'
import { available } from '../services/available.ts'
import { resetOffsets } from '../services/kafka-tools.ts'
import { until } from '../services/until.ts'
import { silent } from '../streams/kafka-support.ts'
import { command } from './command.ts'
import { comparableAlerts, makeSample, oracle, type Sample } from './sample.ts'
import { cannotRun, useScene } from './scene.ts'
import type { ServiceProcess } from './service-process.ts'
import { decodedByStranger, wholeTopic } from './whole-topic.ts'

const SLOW = { timeout: 240_000 }
const PATIENT = { deadlineMs: 90_000, everyMs: 250 }

type Announced = Pick<AlertJson, 'id' | 'status'>
type Config = { bus: { kind: 'embedded' | 'kafka'; topicPrefix: string } }

const scene = useScene()
let config: Config
let expected: AlertJson[]
/** How many records of alerts one run makes: an event that comes twice has two. */
let tellings: number
let service: ServiceProcess

async function prepare(bus: 'embedded' | 'kafka'): Promise<void> {
  const { folder, events } = scene
  // Nothing is set back: what a replay says of what is resolved depends on the order in which partitions are read.
  const sample = makeSample(folder, { events: 240, resources: 200, seed: 23, driftShare: 1 })
  expected = await oracle(sample, folder)
  tellings = countTellings(sample)
  mkdirSync(rules())
  for (const { name, bytes } of sample.files) writeFileSync(path.join(events, name), bytes)
  config = { ...(scene.config(bus, sample.state) as Config), rules: [rules()] } as Config
}

const rules = () => path.join(scene.folder, 'rules')
const prefix = () => config.bus.topicPrefix
const ask = (...args: string[]) => command({ folder: scene.folder, config }, ...args)

function countTellings({ files }: Sample): number {
  const records = files.flatMap(
    ({ bytes }) => JSON.parse(gunzipSync(bytes).toString()).Records as { eventID: string }[],
  )
  const alertsOf = (eventId: string) =>
    expected.filter(({ sourceEvent }) => sourceEvent.id === eventId).length
  return records.reduce((sum, { eventID }) => sum + alertsOf(eventID), 0)
}

async function start(): Promise<void> {
  service = await scene.start({ config })
}

/** Starts, and lets the sample run through to the webhook. */
async function runAll(): Promise<void> {
  await start()
  const isDone = () => (scene.delivered() >= expected.length ? true : undefined)
  await until(`${expected.length} alerts`, isDone, PATIENT)
  await told(tellings)
  const alerts = scene.receiver.hits.map(({ alert }) => alert)
  expect(comparableAlerts(alerts)).toEqual(comparableAlerts(expected))
}

/** Waits until the topic has so many alerts. */
async function told(count: number): Promise<void> {
  const isThere = async () => {
    const { lines } = await ask('topics', 'describe', 'alerts')
    return (lines[0]!.records as number) >= count || undefined
  }
  await until(`${count} records of alerts`, isThere, PATIENT)
}

/** What the topic says, repeats too, in an order of its own. */
async function topicSays(): Promise<string[]> {
  const { lines } = await ask('tap', 'alerts')
  return announcements(lines.map(({ value }) => value as Announced))
}

function announcements(alerts: readonly Announced[]): string[] {
  return alerts.map(({ id, status }) => `${id}:${status}`).sort()
}

const twice = (list: readonly string[]) => [...list, ...list].sort()

/** Stops the service when its webhook sink has come to the end of the alerts. */
async function endDrained(): Promise<void> {
  // A sink that is stopped as soon as it has joined its group never gets far.
  if (config.bus.kind === 'kafka')
    await until('the sink at the end', async () => (await sinkLag()) === 0 || undefined, PATIENT)
  expect(await service.stop()).toBe(0)
  while ((await sinkLag()) > 0) {
    expect(scene.announced()).toHaveLength(expected.length)
    await start()
    expect(await service.stop()).toBe(0)
  }
}

/** How many alerts the sink has not come to yet; on the embedded bus nothing may run. */
async function sinkLag(): Promise<number> {
  const file = path.join(scene.folder, 'lag.yaml')
  writeFileSync(file, stringify(config))
  const { bus, close } = await openBus(loadConfig(file, {}), silent)
  try {
    const reached = await bus.committed(`${prefix()}sink.hook`, `${prefix()}alerts`)
    const offsetOf = new Map(reached.map(({ partition, offset }) => [partition, offset ?? 0]))
    const ends = await bus.offsets(`${prefix()}alerts`)
    return ends.reduce((sum, { partition, high }) => sum + high - offsetOf.get(partition)!, 0)
  } finally {
    await close()
  }
}

/** A second run over the same events has said everything once more, and nobody was told again. */
async function expectSecondTelling(first: readonly string[]): Promise<void> {
  await told(2 * first.length)
  await endDrained()
  expect(await topicSays()).toEqual(twice(first))
  expect(scene.announced()).toHaveLength(expected.length)
}

async function replay(): Promise<void> {
  const { code, err, lines } = await ask('replay', '--from', 'earliest')
  expect(code, err).toBe(0)
  expect(lines).toMatchObject([{ group: `${prefix()}processor`, topic: `${prefix()}raw-events` }])
}

describe.skipIf(cannotRun('kafka'))('a replay on Kafka', SLOW, () => {
  it("by Kafka's own tool says the same alerts again and delivers none twice", async () => {
    await prepare('kafka')
    await runAll()
    await endDrained()
    const first = await topicSays()
    const { kafka } = available()
    const moved = await resetOffsets(kafka!, `${prefix()}processor`, `${prefix()}raw-events`, '--to-earliest')
    expect([...new Set(moved.values())]).toEqual([0n])
    await start()
    await expectSecondTelling(first)
    const records = await wholeTopic(`${prefix()}alerts`)
    const alerts = await decodedByStranger<Announced>(records.map(({ value }) => value))
    expect(announcements(alerts)).toEqual(twice(first))
  })

  it('by tfdrift replay does so too, but is refused while a service runs', async () => {
    await prepare('kafka')
    await runAll()
    const first = await topicSays()
    const refused = await ask('replay', '--from', 'earliest')
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toContain(`tfdrift: group ${prefix()}processor has live members: stop every instance`)
    await endDrained()
    expect(await topicSays()).toEqual(first)
    await replay()
    await start()
    await expectSecondTelling(first)
  })
})

describe('a replay on the embedded bus', SLOW, () => {
  it('of a running service says the same alerts again and delivers none twice', async () => {
    await prepare('embedded')
    await runAll()
    const first = await topicSays()
    await replay()
    await expectSecondTelling(first)
  })

  it('while nothing runs does so at the next start', async () => {
    await prepare('embedded')
    await runAll()
    await endDrained()
    const first = await topicSays()
    await replay()
    expect(await topicSays()).toEqual(first)
    await start()
    await expectSecondTelling(first)
  })
})

describe.each(['embedded', 'kafka'] as const)('replay --dry-run on the %s bus', SLOW, (bus) => {
  it.skipIf(cannotRun(bus))('names what would differ: nothing, then what a new rule changes', async () => {
    await prepare(bus)
    await runAll()
    const rehearse = () => ask('replay', '--from', 'earliest', '--dry-run')
    const nothing = expect.stringMatching(/^nothing would differ$/m)
    expect(await rehearse()).toMatchObject({ code: 0, out: '', err: nothing })

    writeFileSync(path.join(rules(), 'own.yaml'), stringify({ rules: [OWN_RULE] }))
    const resized = expected.filter(
      ({ resource, diffs }) =>
        resource?.type === 'aws_instance' && diffs.some(({ attribute }) => attribute === 'instance_type'),
    )
    expect(resized.length).toBeGreaterThan(3)
    const differs = async () => {
      const { code, lines, err } = await rehearse()
      expect(code, err).toBe(0)
      expect(err).toContain(`${resized.length} alerts would differ\n`)
      return lines.map(({ change, id, severity }) => `${id} ${change} ${severity}`).sort()
    }
    const changes = resized.map(({ id }) => `${id} changed critical`).sort()
    expect(await differs()).toEqual(changes)

    const others = path.join(scene.folder, 'others')
    mkdirSync(others)
    const other = { ...OWN_RULE, expression: 'actor.tool == "console"', severity: 'high' }
    writeFileSync(path.join(others, 'own.yaml'), stringify({ rules: [other] }))
    const byOthers = async () => {
      const { code, out, err } = await ask('replay', '--dry-run', '--rules', others, '--format', 'json')
      expect(code, err).toBe(0)
      return JSON.parse(out) as RehearsalReport
    }
    const { totals, rules: byRule } = await byOthers()
    const own = byRule.find(({ id }) => id === 'own-001')!
    const touched = [...own.new, ...own.gone, ...own.changed].map(({ id }) => id)
    expect(touched.sort()).toEqual(resized.map(({ id }) => id).sort())
    expect(own.matches).toBe(resized.filter(({ actor }) => actor.tool === 'console').length)
    expect(own.changed.filter(({ severity }) => severity === 'high')).toHaveLength(own.matches)
    expect([...own.gone, ...own.changed].every(({ was }) => was === 'critical')).toBe(true)
    expect(totals).toMatchObject({ before: expected.length, new: 0 })
    expect(totals.alerts).toBe(expected.length - totals.gone)

    await endDrained()
    expect(await differs()).toEqual(changes)
    expect((await byOthers()).totals).toEqual(totals)
    expect(scene.announced()).toHaveLength(expected.length)
  })
})

const OWN_RULE = {
  id: 'own-001',
  name: 'An instance has another size',
  resource_types: ['aws_instance'],
  conditions: [{ attribute: 'instance_type', operator: 'changed' }],
  severity: 'critical',
}
