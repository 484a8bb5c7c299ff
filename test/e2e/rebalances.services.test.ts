import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { startSinks } from '../../cli/service/notify.ts'
import { storedPositions } from '../../cli/service/positions.ts'
import { startProcessor } from '../../cli/service/process.ts'
import type { RunningRole, ServiceContext } from '../../cli/service/service-context.ts'
import { startStates } from '../../cli/service/states.ts'
import { type AlertJson, alertJson } from '../../connectors/alert-json.ts'
import type { Alert, AlertStatus } from '../../schemas/types.ts'
import type { Logger } from '../../streams/logger.ts'
import { until } from '../services/until.ts'
import { generate } from '../support/generate.ts'
import { busConfigs } from './buses.ts'
import { countingRules } from './counting-rules.ts'
import { type Instance, openInstance } from './instance.ts'
import { startLoad, writeChangingState } from './load.ts'
import { comparableAlerts, oracle } from './sample.ts'
import { cannotRun } from './scene.ts'
import { expectTablesToHold, readTopics } from './tables-hold-topics.ts'
import { decodedByStranger, foldOf, lagOf, type WholeTopicRecord, wholeTopic } from './whole-topic.ts'

const REBALANCES = 50
const PATIENT = { deadlineMs: 60_000, everyMs: 50 }

let folder: string
let instances: Instance[]
let roles: RunningRole[]
/** How often the first instance has been given a share of the raw events: once a generation. */
let generations: number
let fatal: Error[]

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-rebalances-'))
  instances = []
  roles = []
  fatal = []
  generations = 0
})

afterEach(async () => {
  await Promise.all(roles.map((role) => role.stop()))
  await Promise.all(instances.map((instance) => instance.close()))
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(cannotRun('kafka'))('a group under load', () => {
  it(`can be formed anew ${REBALANCES} times: every table is the fold of its topic, and nothing is lost`, {
    timeout: 300_000,
  }, async ({ annotate }) => {
    const generated = generate({ resources: 200, events: 100_000, seed: 47, driftShare: 0.6 })
    const state = path.join(folder, 'terraform.tfstate')
    writeFileSync(state, JSON.stringify(generated.state))
    writeChangingState(changing(), 0)
    const [first, second, guest] = await openInstances([state, changing()])
    const { context } = first!
    roles.push(await startStates(context, storedPositions(context.tables.store)))
    await context.tables.statesThere([state, changing()])
    for (const { context } of [first!, second!]) roles.push(...(await join(context)))

    const load = startLoad(second!.context, generated.records())
    const begun = Date.now()
    for (let round = 1; generations < REBALANCES; round++) {
      writeChangingState(changing(), round)
      await visit(guest!)
    }
    const seconds = (Date.now() - begun) / 1000
    const published = await load.stop()
    await drained(context)
    await Promise.all(roles.splice(0).map((role) => role.stop()))
    await Promise.all(instances.map(({ context }) => context.tables.caughtUp()))

    const files = [{ name: 'load.json', bytes: Buffer.from(JSON.stringify({ Records: published })) }]
    const expected = await oracle({ state, files }, folder, countingRules(folder))
    const told = await expectAlerts(context, expected)
    const topics = await readTopics(context)
    await expectStatuses(topics.alertStatus, expected)
    for (const { context } of instances) await expectTablesToHold(context, topics)
    expect(fatal).toEqual([])
    expect(Math.min(...instances.map(({ handled }) => handled()))).toBeGreaterThan(0)
    const handled = instances.map((instance) => instance.handled())
    await annotate(
      `${generations} generations in ${seconds} s; ${published.length} events, handled ${handled.join(' + ')}; ` +
        `${expected.length} alerts, told ${told} times, delivered ${delivered().length} times`,
    )
  })
})

const changing = () => path.join(folder, 'changing.tfstate')

async function openInstances(states: readonly string[]): Promise<Instance[]> {
  const { bus, secrets } = busConfigs().kafka() as {
    bus: { topicPrefix: string; kafka: object }
    secrets: object
  }
  for (const name of ['first', 'second', 'guest']) {
    const file = path.join(folder, `${name}.yaml`)
    const config = {
      bus: { ...bus, kafka: { ...bus.kafka, sessionTimeout: '3s', clientId: name } },
      secrets,
      dataDir: path.join(folder, name),
      states: states.map((path) => ({ kind: 'file', path })),
      sync_mode: { periodic: { interval: '500ms' } },
      alerts: { info: true },
      rules: [countingRules(folder)],
      sinks: { siem: { kind: 'siem-file', path: path.join(folder, `${name}.ndjson`) } },
    }
    writeFileSync(file, stringify(config))
    const log = name === 'first' ? countingLog(`${bus.topicPrefix}processor`) : quiet
    instances.push(await openInstance(file, log, (error) => fatal.push(error)))
  }
  return instances
}

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} }

function countingLog(of: string): Logger {
  return {
    ...quiet,
    info(fields, message) {
      const { group } = fields as { group?: string }
      if (message === 'joined the group' && group === of) generations++
    },
  }
}

async function join(context: ServiceContext): Promise<RunningRole[]> {
  return Promise.all([startProcessor(context), startSinks(context)])
}

/** Comes, has its share of the work, and leaves it to the others: two generations. */
async function visit(guest: Instance): Promise<void> {
  let before = generations
  const visiting = await join(guest.context)
  roles.push(...visiting)
  await goesOn(before, guest.handled)
  before = generations
  await Promise.all(visiting.map((role) => role.stop()))
  roles = roles.filter((role) => !visiting.includes(role))
  await goesOn(before, () => instances.reduce((sum, { handled }) => sum + handled(), 0))
}

async function goesOn(before: number, handled: () => number): Promise<void> {
  await until('the group is formed anew', () => generations > before || undefined, PATIENT)
  const then = handled()
  await until('work goes on', () => handled() > then || undefined, PATIENT)
}

/** Everything is processed, and everything that came of it delivered. */
async function drained({ group, topic }: ServiceContext): Promise<void> {
  const waits: [string, string][] = [
    [group('processor'), topic('raw-events')],
    [group('counter'), topic('counted-matches')],
    [group('sink.siem'), topic('alerts')],
  ]
  for (const [name, of] of waits) {
    await until(
      `${name} is at the end`,
      async () => ((await lagOf(name, of)) === 0 ? true : undefined),
      PATIENT,
    )
  }
}

/** The topic and the sinks say what detect says. Returns how many records the topic has. */
async function expectAlerts({ topic }: ServiceContext, expected: readonly AlertJson[]): Promise<number> {
  const records = await wholeTopic(topic('alerts'))
  const alerts = await decodedByStranger<Alert>(records.map(({ value }) => value))
  expect(comparableAlerts(alerts.map(alertJson))).toEqual(comparableAlerts(expected))
  expect([...new Set(delivered())].sort()).toEqual(expected.map(({ id }) => id).sort())
  return records.length
}

/** The ids of the alerts that the sinks have written, repeats too. */
function delivered(): string[] {
  return instances.flatMap(({ context }) => {
    const { path: file } = context.config.sinks.siem!.config as unknown as { path: string }
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    return lines.map((line) => (JSON.parse(line) as { finding_info: { uid: string } }).finding_info.uid)
  })
}

/** No owner of a partition has forgotten what the one before it had found out. */
async function expectStatuses(
  records: readonly WholeTopicRecord[],
  expected: readonly AlertJson[],
): Promise<void> {
  const rows = await decodedByStranger<AlertStatus>([...foldOf(records).values()])
  const known = rows.flatMap(({ status, alerts }) => alerts.map(({ id }) => `${id} ${status}`))
  expect(known.sort()).toEqual(expected.map(({ id, status }) => `${id} ${status}`).sort())
}
