import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlertJson } from '../../connectors/alert-json.ts'
import type { Alert } from '../../schemas/types.ts'
import { available } from '../services/available.ts'
import { until } from '../services/until.ts'
import { busConfigs } from './buses.ts'
import { command } from './command.ts'
import { comparableAlerts, oracle } from './sample.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'
import { receiveWebhooks, type WebhookReceiver } from './webhook-hits.ts'
import { decodedByStranger, wholeTopic } from './whole-topic.ts'

const demo = path.resolve(import.meta.dirname, '../../examples/demo')
const secret = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`

let folder: string
let receiver: WebhookReceiver
let service: ServiceProcess | undefined

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-cluster-'))
  receiver = await receiveWebhooks(secret)
})

afterEach(async () => {
  service?.kill('SIGKILL')
  await service?.exited
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(!available().kafka || !available().registry)('run on Kafka', () => {
  it('carries a CloudTrail file to the topic, the webhook and the SIEM, and answers questions about it', {
    timeout: 180_000,
  }, async () => {
    const config = demoConfig()
    const prefix = config.bus.topicPrefix
    const expected = await demoAlerts()
    service = await startServiceProcess({ folder, config })
    for (const name of cloudtrailFiles()) {
      copyFileSync(path.join(demo, 'cloudtrail', name), path.join(folder, 'events', name))
    }

    await until(
      `${expected.length} signed webhooks`,
      () => (receiver.hits.length >= expected.length ? true : undefined),
      { deadlineMs: 90_000 },
    )
    expect(comparableAlerts(receiver.hits.map(({ alert }) => alert))).toEqual(comparableAlerts(expected))
    const records = await wholeTopic(`${prefix}alerts`)
    const alerts = await decodedByStranger<Alert>(records.map(({ value }) => value))
    expect(idsOf(alerts)).toEqual(idsOf(expected))

    const findings = await until(
      'a line of the SIEM file for each alert',
      () => {
        const lines = ndjson<Finding>(readFileSync(path.join(folder, 'alerts.ndjson'), 'utf8'))
        return lines.length >= expected.length ? lines : undefined
      },
      { deadlineMs: 60_000 },
    )
    expect(findings.map(({ class_uid }) => class_uid)).toEqual(expected.map(() => DETECTION_FINDING))
    expect(findings.map(({ finding_info }) => finding_info.uid).sort()).toEqual(idsOf(expected))

    await answers({ folder, config }, prefix, expected)
    expect(await service.stop()).toBe(0)
    expect(receiver.hits).toHaveLength(expected.length)
  })
})

/** class_uid of OCSF. */
const DETECTION_FINDING = 2004

interface Finding {
  class_uid: number
  finding_info: { uid: string }
}

async function answers(
  place: { folder: string; config: object },
  prefix: string,
  expected: readonly AlertJson[],
): Promise<void> {
  const tapped = await command(place, 'tap', 'alerts')
  expect(idsOf(tapped.lines.map(({ value }) => value as { id: string }))).toEqual(idsOf(expected))

  const topics = await command(place, 'topics', 'list')
  expect(topics.lines).toHaveLength(8)
  const row = (name: string) => topics.lines.find(({ topic }) => topic === `${prefix}${name}`)
  expect(row('alerts')).toMatchObject({ exists: true, cleanup: 'delete', partitions: 6 })
  expect(row('alerts')!.records).toBeGreaterThanOrEqual(expected.length)
  expect(row('state-snapshot')).toMatchObject({ exists: true, cleanup: 'compact', partitions: 6 })

  const { address, id } = expected.find(({ type }) => type === 'attribute_drift')!.resource!
  const shown = await command(place, 'state', 'show', address!)
  expect(JSON.parse(shown.out)).toMatchObject({ address, id, attributes: { id } })
  const none = await command(place, 'state', 'show', 'aws_instance.nowhere')
  expect(none).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('no state holds aws_instance.nowhere'),
  })
}

function demoConfig() {
  mkdirSync(path.join(folder, 'events'))
  return {
    ...(busConfigs().kafka() as { bus: { topicPrefix: string } }),
    dataDir: path.join(folder, 'data'),
    sources: [{ kind: 'cloudtrail-files', paths: [path.join(folder, 'events')], watch: true }],
    states: [{ kind: 'file', path: path.join(demo, 'terraform.tfstate') }],
    sinks: {
      hook: { kind: 'webhook', url: receiver.url, secret },
      siem: { kind: 'siem-file', path: path.join(folder, 'alerts.ndjson') },
    },
  }
}

/** What `detect` says of the demo, without what is not published by default. */
async function demoAlerts(): Promise<AlertJson[]> {
  const files = cloudtrailFiles().map((name) => ({
    name,
    bytes: readFileSync(path.join(demo, 'cloudtrail', name)),
  }))
  const alerts = await oracle({ state: path.join(demo, 'terraform.tfstate'), files }, folder)
  return alerts.filter(({ severity }) => severity !== 'info')
}

function cloudtrailFiles(): string[] {
  return readdirSync(path.join(demo, 'cloudtrail'))
}

function ndjson<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

/** Each once: one of the demo's events comes twice, and is told twice on the topic. */
function idsOf(alerts: readonly { id: string }[]): string[] {
  return [...new Set(alerts.map(({ id }) => id))].sort()
}
