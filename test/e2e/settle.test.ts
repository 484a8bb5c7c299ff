import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AlertJson } from '../../connectors/alert-json.ts'
import { until } from '../services/until.ts'
import { apply, destroy, states, type TerraformRun, terraformRole } from '../support/terraform-run.ts'
import { type InProcess, runInProcess } from './run-in-process.ts'
import { receiveWebhooks, type WebhookReceiver } from './webhook-hits.ts'

const secret = `whsec_${randomBytes(32).toString('base64')}`
let folder: string
let receiver: WebhookReceiver
let running: InProcess
let files = 0

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-settle-'))
  mkdirSync(path.join(folder, 'events'))
  receiver = await receiveWebhooks(secret)
})
afterEach(async () => {
  expect(await running.stop()).toBe(0)
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A file as a copying tool places it. */
function place(name: string, text: string): void {
  const hidden = path.join(folder, `new-${files++}`)
  writeFileSync(hidden, text)
  renameSync(hidden, path.join(folder, name))
}

const state = (name: keyof typeof states) => place('terraform.tfstate', states[name])
const calls = (records: readonly object[]) =>
  place(path.join('events', `${files}.json`), JSON.stringify({ Records: records }))

/** A run whose states are read again five times a second. */
async function start(first: keyof typeof states, terraform: object): Promise<void> {
  state(first)
  running = await runInProcess(folder, {
    bus: { partitions: 3 },
    sources: [{ kind: 'cloudtrail-files', paths: [path.join(folder, 'events')], watch: true }],
    states: [{ kind: 'file', path: path.join(folder, 'terraform.tfstate') }],
    sync_mode: { periodic: { interval: '200ms' } },
    alerts: { info: true },
    sinks: { hook: { kind: 'webhook', url: receiver.url, secret } },
    terraform,
  })
}

const alerts = (): AlertJson[] => receiver.hits.map(({ alert }) => alert)
const told = (run: TerraformRun) => run.told(alerts())

/** Of the run's metrics one, by name and labels. */
async function metric(name: string): Promise<number> {
  const url = /"url":"([^"]+)"/.exec(running.log())![1]!
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`tfdrift_${name} `))!
      .split(' ')
      .at(-1),
  )
}

async function reaches(name: string, count: number): Promise<void> {
  await until(`${name} is ${count}`, async () => ((await metric(name)) >= count ? true : undefined))
}

/** A person's change under each key that the runs have: behind its alert nothing of theirs is still to come. */
async function last(): Promise<void> {
  const before = alerts().length
  const request = { instancesSet: { items: [{ imageId: 'ami-0', minCount: 1, maxCount: 1 }] } }
  const marker = (n: number, change: object) => ({
    ...apply.records('hand')[0],
    eventID: `marker-${n}-${files}`,
    ...change,
  })
  calls([
    marker(1, {
      eventName: 'RunInstances',
      requestParameters: request,
      responseElements: { instancesSet: { items: [{ instanceId: `i-0${files}` }] } },
    }),
    marker(2, {
      eventSource: 'iam.amazonaws.com',
      eventName: 'AttachRolePolicy',
      awsRegion: 'us-east-1',
      requestParameters: { roleName: `marker-${files}`, policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
      responseElements: null,
    }),
    marker(3, {
      eventSource: 's3.amazonaws.com',
      eventName: 'PutBucketPolicy',
      requestParameters: { bucketName: `marker-${files}`, bucketPolicy: {} },
      responseElements: null,
    }),
  ])
  const markers = () => alerts().filter(({ sourceEvent }) => sourceEvent.id.startsWith('marker-'))
  await until('the markers', () =>
    markers().length >= 3 && alerts().length >= before + 3 ? true : undefined,
  )
  receiver.hits = receiver.hits.filter(({ alert }) => !alert.sourceEvent.id.startsWith('marker-'))
}

describe('R32 run on the embedded bus', () => {
  test('W12 an apply and a destroy of Terraform give no alert in the end', { timeout: 60_000 }, async () => {
    await start('before', { settle: '1h' })
    calls(apply.records('terraform'))
    await reaches('settle_waiting', apply.differing)
    expect(
      String(await running.ask('tap', 'pending-changes'))
        .trim()
        .split('\n').length,
    ).toBeGreaterThanOrEqual(apply.differing)
    state('applied')
    await reaches('settle_total{result="settled"}', apply.differing)
    await until('none waits', async () => ((await metric('settle_waiting')) === 0 ? true : undefined))

    calls(destroy.records('terraform'))
    await reaches('settle_waiting', destroy.differing)
    state('destroyed')
    await reaches('settle_total{result="settled"}', apply.differing + destroy.differing)
    await until('none waits', async () => ((await metric('settle_waiting')) === 0 ? true : undefined))

    await last()
    expect(alerts()).toEqual([])
    expect(await metric('settle_total{result="expired"}')).toBe(0)
  })

  test('a forged user agent gains the time to settle, and nothing else', { timeout: 60_000 }, async () => {
    await start('applied', { settle: '1s' })
    calls(destroy.records('forged'))
    await reaches('settle_total{result="expired"}', destroy.differing)
    await until('the alerts', () => (told(destroy).length >= destroy.alerts.length ? true : undefined))
    await last()
    expect(told(destroy)).toEqual(destroy.alerts)
    const first = new Set(receiver.hits.map(({ id }) => id))
    expect(new Set(alerts().map(({ actor }) => actor.tool))).toEqual(new Set(['terraform']))

    // A replay waits again, and delivers nothing twice.
    const before = await metric('settle_total{result="expired"}')
    await running.ask('replay', '--from', 'earliest')
    await reaches('settle_total{result="expired"}', before + destroy.differing)
    await last()
    expect(new Set(receiver.hits.map(({ id }) => id))).toEqual(first)
    expect(told(destroy)).toEqual(destroy.alerts)
  })

  test('R33 while the lock of the state is held the calls wait on, and when it is released the state decides', {
    timeout: 60_000,
  }, async () => {
    place('.terraform.tfstate.lock.info', '{}')
    await start('before', { settle: '1ms' })
    await until(
      'the lock',
      async () => /__sync\|lock\|/.test(String(await running.ask('tap', 'state-snapshot'))) || undefined,
    )
    calls(apply.records('terraform'))
    await reaches('settle_waiting', apply.differing)
    await last()
    expect(alerts()).toEqual([])
    state('applied')
    rmSync(path.join(folder, '.terraform.tfstate.lock.info'))
    await reaches('settle_total{result="settled"}', apply.differing)
    await last()
    expect(alerts()).toEqual([])
    expect(await metric('settle_total{result="expired"}')).toBe(0)
  })

  test('by hand they give them all at once, and forged too, where terraform.principals is set', {
    timeout: 60_000,
  }, async () => {
    await start('before', { settle: '1h', principals: [terraformRole] })
    calls([...apply.records('hand'), ...apply.records('forged'), ...apply.records('terraform')])
    const twice = [...apply.alerts, ...apply.alerts].sort()
    await until('the alerts', () => (told(apply).length >= twice.length ? true : undefined))
    await reaches('settle_waiting', apply.differing)
    await last()
    expect(told(apply)).toEqual(twice)
    expect(new Set(alerts().map(({ actor }) => `${actor.name} ${actor.tool}`))).toEqual(
      new Set(['mallory cli', 'mallory terraform']),
    )
    state('applied')
    await reaches('settle_total{result="settled"}', apply.differing)
  })
})
