import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../services/until.ts'
import { modify, placeRecords, placeState, stateOf } from './a-drift.ts'
import { command } from './command.ts'
import { type InProcess, runInProcess } from './run-in-process.ts'
import { receiveWebhooks, type WebhookReceiver } from './webhook-hits.ts'

const secret = `whsec_${randomBytes(32).toString('base64')}`
let folder: string
let receiver: WebhookReceiver
let running: InProcess | null
let config: object

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-alerts-'))
  receiver = await receiveWebhooks(secret)
  config = {
    dataDir: path.join(folder, 'data'),
    bus: { partitions: 3 },
    sources: [{ kind: 'cloudtrail-files', paths: [events()], watch: true }],
    states: [{ kind: 'file', path: state() }],
    sync_mode: { periodic: { interval: '200ms' } },
    alerts: { info: true },
    sinks: { hook: { kind: 'webhook', url: receiver.url, secret } },
    // How often it is looked what time and states have brought.
    terraform: { settle: '1s' },
  }
  placeState(state(), stateOf())
  placeRecords(events(), modify('instanceType', 'm5.large', 1))
  running = await runInProcess(folder, config)
})
afterEach(async () => {
  await stopped()
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

const events = () => path.join(folder, 'events')
const state = () => path.join(folder, 'terraform.tfstate')
const ask = (...args: string[]) => command({ folder, config }, ...args)
const told = () => receiver.hits.map(({ alert }) => alert.status)
const tells = (...statuses: string[]) =>
  until(`the webhook is told ${statuses}`, () => told().length >= statuses.length || undefined, {
    deadlineMs: 60_000,
  }).then(() => expect(told()).toEqual(statuses))

async function stopped(): Promise<void> {
  const code = await running?.stop()
  running = null
  expect(code ?? 0).toBe(0)
}

/** The only drift. */
async function drift() {
  const { lines } = await ask(
    'alerts',
    'list',
    '--format',
    'json',
    '--status',
    'open',
    'acknowledged',
    'suppressed',
    'resolved',
  )
  expect(lines).toHaveLength(1)
  return lines[0] as { driftId: string; status: string }
}

describe('run on the embedded bus', () => {
  test('what a newer serial of the state says is resolved by the state', { timeout: 120_000 }, async () => {
    await tells('open')
    placeState(state(), stateOf({ instance_type: 'm5.large' }, 8))
    await tells('open', 'resolved')
    expect(receiver.hits[1]!.alert).toMatchObject({
      id: receiver.hits[0]!.alert.id,
      resolvedBy: 'state',
      actor: { name: 'alice' },
      statusChange: { by: 'state', actor: null, reason: `${state()}, serial 8` },
    })
    expect(await drift()).toMatchObject({ status: 'resolved' })
  })

  test('an operator acknowledges, suppresses and resolves, while it runs and while it does not', {
    timeout: 180_000,
  }, async () => {
    await tells('open')
    const { driftId } = await drift()
    const id = driftId.slice(0, 12)
    const listed = await ask('alerts', 'list')
    expect(listed.out).toMatch(
      new RegExp(`^${id}  \\w+ +open +2026-03-01T10:00:01Z  aws_instance.web +alice `, 'm'),
    )

    const ack = await ask('alerts', 'ack', id, '--by', 'carol', '--reason', 'on it')
    expect(ack.lines).toEqual([
      {
        driftId,
        address: 'aws_instance.web',
        was: 'open',
        status: 'acknowledged',
        by: 'carol',
        reason: 'on it',
        until: null,
      },
    ])
    await tells('open', 'acknowledged')
    expect(receiver.hits[1]!.alert.statusChange).toMatchObject({
      by: 'operator',
      actor: 'carol',
      reason: 'on it',
    })
    const twice = await ask('alerts', 'ack', id)
    expect(twice).toMatchObject({ code: 1, out: '' })
    expect(twice.err).toContain(`the drift ${driftId} is acknowledged by carol since`)

    placeRecords(events(), modify('disableApiTermination', false, 2))
    await tells('open', 'acknowledged', 'changed')

    const vague = await ask('alerts', 'suppress', id, '--reason', 'migration')
    expect(vague).toMatchObject({ code: 1, err: expect.stringContaining('give either --for or --until') })
    const until = new Date(Date.now() + 4_000).toISOString()
    await ask('alerts', 'suppress', id, '--reason', 'migration', '--until', until)
    await tells('open', 'acknowledged', 'changed', 'suppressed', 'suppressed')
    expect(await drift()).toMatchObject({ status: 'suppressed', change: { reason: 'migration', until } })
    // Both have been told as open before: that it is over is nothing new to the peer.
    await expect.poll(async () => (await drift()).status, { timeout: 30_000 }).toBe('open')

    await stopped()
    const resolve = await ask('alerts', 'resolve', id, '--reason', 'accepted')
    expect(resolve.lines).toMatchObject([{ was: 'open', status: 'resolved', by: expect.stringMatching(/./) }])
    running = await runInProcess(folder, config)
    await tells('open', 'acknowledged', 'changed', 'suppressed', 'suppressed', 'resolved', 'resolved')
    expect(receiver.hits.at(-1)!.alert).toMatchObject({
      resolvedBy: 'operator',
      statusChange: { reason: 'accepted' },
    })

    const gone = await ask('alerts', 'resolve', id)
    expect(gone.err).toContain('nothing of it is open, tfdrift alerts list shows what is')
    expect((await ask('alerts', 'list')).err).toContain('nothing is open')
    expect((await ask('alerts', 'show', id)).out).toMatch(/^reason +accepted$/m)
    const unknown = await ask('alerts', 'show', 'nowhere')
    expect(unknown).toMatchObject({
      code: 1,
      err: expect.stringContaining('tfdrift alerts list shows the ids'),
    })
  })
})
