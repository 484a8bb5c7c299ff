import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type AlertJson, alertJson } from '../../connectors/alert-json.ts'
import type { Alert } from '../../schemas/types.ts'
import { comparableAlerts, oracle, type Sample } from '../e2e/sample.ts'
import { decodedByStranger, wholeTopic } from '../e2e/whole-topic.ts'
import { until } from '../services/until.ts'
import { type Engine, startEngine } from './engine.ts'
import { makeStandIns } from './stand-ins.ts'

const root = path.resolve(import.meta.dirname, '../..')
const demo = path.join(root, 'examples/demo')
const PATIENT = { deadlineMs: 120_000, everyMs: 1000 }
const PORTS = [8080, 8081, 9092]
const SERVICES = ['broker', 'collect', 'notify', 'process', 'registry', 'state']
const GROUP = ['--group', 'tfdrift.processor', '--topic', 'tfdrift.raw-events']

let engine: Engine
let folder: string
let expected: AlertJson[]
let tellings: string[]

beforeAll(async () => {
  await Promise.all(PORTS.map(requireFree))
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-compose-'))
  const sample = demoSample()
  // The cluster's configuration does not ask for those of severity info.
  expected = (await oracle(sample, folder)).filter(({ severity }) => severity !== 'info')
  tellings = tellingsOf(expected, sample)
  engine = await startEngine(root)
  // What a run that was killed has left.
  await clear()
  await makeStandIns(engine)
  await engine.compose('build', 'init')
})

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') {
    process.stderr.write(await engine.compose('logs', '--no-color', '--tail', '60'))
  }
})

afterAll(async () => {
  if (folder) rmSync(folder, { recursive: true })
  if (!engine) return
  await clear()
  await engine.stop()
})

/** Ends the cluster and forgets its data. */
async function clear(): Promise<void> {
  await engine.compose('down', '--volumes', '--remove-orphans')
}

async function requireFree(port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`port ${port} is taken: the cluster needs it`, { cause })),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  await new Promise((resolve) => server.close(resolve))
}

function demoSample(): Sample {
  const events = path.join(demo, 'cloudtrail')
  const files = readdirSync(events).map((name) => ({ name, bytes: readFileSync(path.join(events, name)) }))
  return { state: path.join(demo, 'terraform.tfstate'), files }
}

/** Which ids the topic has after one run: those of an event that comes twice stand there twice. */
function tellingsOf(alerts: readonly AlertJson[], { files }: Sample): string[] {
  const records = files.flatMap(
    ({ bytes }) => JSON.parse(gunzipSync(bytes).toString()).Records as { eventID: string }[],
  )
  return records.flatMap(({ eventID }) =>
    alerts.filter(({ sourceEvent }) => sourceEvent.id === eventID).map(({ id }) => id),
  )
}

interface Container {
  service: string
  id: string
  status: string
  ports: string
}

/** What runs now, by name of the service. */
async function running(): Promise<Map<string, Container>> {
  const format = '{{.Label "com.docker.compose.service"}}|{{.ID}}|{{.Status}}|{{.Ports}}'
  const lines = (await engine.docker('ps', '--format', format)).trim().split('\n')
  const containers = lines.map((line) => {
    const [service = '', id = '', status = '', ports = ''] = line.split('|')
    return { service, id, status, ports }
  })
  return new Map(containers.map((container) => [container.service, container]))
}

async function idOf(service: string): Promise<string> {
  return (await engine.compose('ps', '--quiet', service)).trim()
}

const exec = async (service: string, ...command: string[]) =>
  engine.docker('exec', await idOf(service), ...command)

async function allHealthy(): Promise<void> {
  const unhealthy = async () => {
    const containers = await running()
    return SERVICES.filter((name) => !containers.get(name)?.status.endsWith('(healthy)'))
  }
  let missing = SERVICES
  const attempt = async () => {
    missing = await unhealthy()
    if (missing.length > 0) throw new Error(`not healthy: ${missing.join(', ')}`)
    return true
  }
  await until('every service is healthy', attempt, PATIENT)
}

/** The announcements in the topic, as soon as there are so many; later statuses say them again. */
async function told(count: number): Promise<AlertJson[]> {
  return until(
    `${count} announcements of alerts`,
    async () => {
      const values = (await wholeTopic('tfdrift.alerts')).map(({ value }) => value)
      const alerts = await decodedByStranger<Alert>(values)
      const announced = alerts.filter(({ status }) => status === 'open' || status === 'changed')
      if (announced.length < count) throw new Error(`only ${announced.length}`)
      return announced.map(alertJson)
    },
    PATIENT,
  )
}

/** Without what is no plain data, and without the folder of the state, which is another one in the image. */
function comparable(alerts: readonly AlertJson[]): object[] {
  const portable = (name: string, value: unknown) =>
    name === 'source' && typeof value === 'string' ? path.basename(value) : value
  return JSON.parse(JSON.stringify(comparableAlerts(alerts), portable))
}

const idsOf = (alerts: readonly AlertJson[]) => alerts.map(({ id }) => id).sort()

/** The digests of the keys, and when the init job that makes them has run. */
async function keys(): Promise<{ digests: string; at: string; code: string }> {
  const format = '{{.State.FinishedAt}}|{{.State.ExitCode}}'
  const [at = '', code = ''] = (await engine.docker('inspect', '--format', format, await idOf('init')))
    .trim()
    .split('|')
  return {
    digests: await exec('process', 'sha256sum', '/secrets/hash.key', '/secrets/dead-letter.key'),
    at,
    code,
  }
}

describe('docker-compose up', () => {
  it('starts a cluster in which everything is healthy', async () => {
    await engine.compose('up', '--detach')
    await allHealthy()
    expect([...(await running()).keys()].sort()).toEqual(SERVICES)
  })

  it('carries the sample through Kafka: what detect says is in the topic, for anybody to read', async () => {
    const alerts = await told(tellings.length)
    expect(comparable(alerts)).toEqual(comparable(expected))
    expect(idsOf(alerts)).toEqual([...tellings].sort())
  })

  it('runs nothing as root, and serves this machine alone', async () => {
    for (const { service, id, ports } of (await running()).values()) {
      const users = (await engine.docker('top', id, '-eo', 'pid,uid')).trim().split('\n').slice(1)
      expect(users.length, service).toBeGreaterThan(0)
      expect(
        users.map((line) => Number(line.trim().split(/\s+/)[1])),
        service,
      ).not.toContain(0)
      const published = ports.split(', ').filter((port) => port.includes('->'))
      expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
    }
  })

  it("says the same ids once more after a reset of the processor's offsets by Kafka's own tool", async () => {
    await engine.compose('stop', 'process')
    const reset = ['--reset-offsets', '--to-earliest', '--execute']
    const tool = ['/opt/kafka/bin/kafka-consumer-groups.sh', '--bootstrap-server', 'localhost:9092']
    const output = await exec('broker', ...tool, ...GROUP, ...reset)
    expect(output).toMatch(/^\s*tfdrift\.processor\s+tfdrift\.raw-events\s+\d+\s+0\s*$/m)
    await engine.compose('start', 'process')
    const alerts = await told(2 * tellings.length)
    expect(idsOf(alerts)).toEqual([...tellings, ...tellings].sort())
  })

  it('keeps its two keys when it is started a second time', async () => {
    const before = await keys()
    expect(new Set(before.digests.match(/^[0-9a-f]{64}/gm))).toHaveLength(2)
    await engine.compose('up', '--detach')
    await allHealthy()
    const after = await keys()
    expect(after).toEqual({ digests: before.digests, code: '0', at: expect.not.stringContaining(before.at) })
  })

  it('leaves nothing behind after `down --volumes`', async () => {
    await clear()
    expect(await engine.docker('ps', '--all', '--quiet')).toBe('')
    expect(await engine.docker('volume', 'ls', '--quiet')).toBe('')
  })
})
