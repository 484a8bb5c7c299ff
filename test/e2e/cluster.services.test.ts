import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AlertJson } from '../../connectors/alert-json.ts'
import type { Alert } from '../../schemas/types.ts'
import { until } from '../services/until.ts'
import { command } from './command.ts'
import { comparableAlerts, oracle } from './sample.ts'
import { cannotRun, useScene } from './scene.ts'
import { decodedByStranger, wholeTopic } from './whole-topic.ts'

const demo = path.resolve(import.meta.dirname, '../../examples/demo')
const state = path.join(demo, 'terraform.tfstate')
/** class_uid of OCSF. */
const DETECTION_FINDING = 2004

interface Finding {
  class_uid: number
  finding_info: { uid: string }
}

const scene = useScene()

describe.skipIf(cannotRun('kafka'))('run on Kafka', () => {
  it('carries CloudTrail files to the topic, the webhook and the SIEM, and answers questions', {
    timeout: 180_000,
  }, async () => {
    const { folder, events, receiver } = scene
    const expected = await demoAlerts()
    const config = demoConfig()
    const prefix = config.bus.topicPrefix
    // It is ready when /readyz answers 200.
    const service = await scene.start({ config })
    for (const name of cloudtrailFiles()) {
      copyFileSync(path.join(demo, 'cloudtrail', name), path.join(events, name))
    }

    const isDelivered = () => (receiver.hits.length >= expected.length ? true : undefined)
    await until(`${expected.length} signed webhooks`, isDelivered, { deadlineMs: 90_000 })
    expect(comparableAlerts(receiver.hits.map(({ alert }) => alert))).toEqual(comparableAlerts(expected))
    const records = await wholeTopic(`${prefix}alerts`)
    const alerts = await decodedByStranger<Alert>(records.map(({ value }) => value))
    expect(idsOf(alerts)).toEqual(idsOf(expected))

    const written = () => {
      const lines = readFileSync(path.join(folder, 'alerts.ndjson'), 'utf8').trim().split('\n')
      return lines.length >= expected.length ? lines.map((line) => JSON.parse(line) as Finding) : undefined
    }
    const findings = await until('a line of the SIEM file for each alert', written, { deadlineMs: 60_000 })
    expect(findings.map(({ class_uid }) => class_uid)).toEqual(expected.map(() => DETECTION_FINDING))
    expect(findings.map(({ finding_info }) => finding_info.uid).sort()).toEqual(idsOf(expected))

    await expectAnswers(config, expected)
    expect(await service.stop()).toBe(0)
    expect(receiver.hits).toHaveLength(expected.length)
  })
})

async function expectAnswers(
  config: { bus: { topicPrefix: string } },
  expected: readonly AlertJson[],
): Promise<void> {
  const ask = (...args: string[]) => command({ folder: scene.folder, config }, ...args)
  const tapped = await ask('tap', 'alerts')
  expect(idsOf(tapped.lines.map(({ value }) => value as { id: string }))).toEqual(idsOf(expected))

  const { lines } = await ask('topics', 'list')
  expect(lines).toHaveLength(10)
  const row = (name: string) => lines.find(({ topic }) => topic === `${config.bus.topicPrefix}${name}`)!
  expect(row('alerts')).toMatchObject({ exists: true, cleanup: 'delete', partitions: 6 })
  expect(row('alerts').records).toBeGreaterThanOrEqual(expected.length)
  expect(row('state-snapshot')).toMatchObject({ exists: true, cleanup: 'compact', partitions: 6 })

  const { address, id } = expected.find(({ type }) => type === 'attribute_drift')!.resource!
  const shown = await ask('state', 'show', address!)
  expect(JSON.parse(shown.out)).toMatchObject({ address, id, attributes: { id } })
  const nowhere = await ask('state', 'show', 'aws_instance.nowhere')
  expect(nowhere).toMatchObject({ code: 1, out: '' })
  expect(nowhere.err).toContain('no state holds aws_instance.nowhere')
}

/** As a first user has it, with a SIEM file beside the webhook: alerts of severity info are not published. */
function demoConfig() {
  const { alerts: _, ...config } = scene.config('kafka', state) as {
    alerts: object
    bus: { topicPrefix: string }
    sinks: object
  }
  const siem = { kind: 'siem-file', path: path.join(scene.folder, 'alerts.ndjson') }
  return { ...config, sinks: { ...config.sinks, siem } }
}

/** What `detect` says of the demo, without what is not published by default. */
async function demoAlerts(): Promise<AlertJson[]> {
  const read = (name: string) => ({ name, bytes: readFileSync(path.join(demo, 'cloudtrail', name)) })
  const alerts = await oracle({ state, files: cloudtrailFiles().map(read) }, scene.folder)
  return alerts.filter(({ severity }) => severity !== 'info')
}

function cloudtrailFiles(): string[] {
  return readdirSync(path.join(demo, 'cloudtrail'))
}

/** Each once: one of the demo's events comes twice, and is told twice on the topic. */
function idsOf(alerts: readonly { id: string }[]): string[] {
  return [...new Set(alerts.map(({ id }) => id))].sort()
}
