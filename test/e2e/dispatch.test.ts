import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { startSinks } from '../../cli/service/notify.ts'
import { alertHeaders } from '../../schemas/headers.ts'
import type { Alert } from '../../schemas/types.ts'
import { anAlert } from '../connectors/an-alert.ts'
import { quietLog } from '../connectors/quiet-log.ts'
import { slackReceiver } from '../connectors/sinks/slack-receiver.ts'
import { aRecord } from '../connectors/sources/a-record.ts'
import { until } from '../services/until.ts'
import { openInstance } from './instance.ts'
import { runInProcess } from './run-in-process.ts'
import { receiveWebhooks } from './webhook-hits.ts'

const key = () => randomBytes(32).toString('base64')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-dispatch-'))
  mkdirSync(path.join(folder, 'events'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('300 changes by one apply are one message in a channel, with all of them in it, and 300 for a webhook', {
  timeout: 120_000,
}, async () => {
  const numbers = Array.from({ length: 300 }, (_, index) => index)
  const address = (n: number) => `aws_instance.web[${n}]`
  const idOf = (n: number) => `i-0abc${String(n).padStart(11, '0')}`
  const instances = numbers.map((n) => {
    return { index_key: n, schema_version: 0, attributes: { id: idOf(n), instance_type: 't3.micro' } }
  })
  const provider = 'provider["registry.terraform.io/hashicorp/aws"]'
  const resources = [{ mode: 'managed', type: 'aws_instance', name: 'web', provider, instances }]
  const state = JSON.stringify({ version: 4, serial: 1, lineage: 'a', resources })
  writeFileSync(path.join(folder, 'a.tfstate'), state)

  const secret = `whsec_${key()}`
  const [slack, hook] = [await slackReceiver(), await receiveWebhooks(secret)]
  const rule = {
    id: 'own-001',
    name: 'Another size',
    resource_types: ['aws_instance'],
    conditions: [{ attribute: 'instance_type', operator: 'changed' }],
    severity: 'medium',
  }
  mkdirSync(path.join(folder, 'rules'))
  writeFileSync(path.join(folder, 'rules', 'own.yaml'), stringify({ rules: [rule] }))
  const running = await runInProcess(folder, {
    sources: [{ kind: 'cloudtrail-files', paths: [path.join(folder, 'events')], watch: true }],
    states: [{ kind: 'file', path: path.join(folder, 'a.tfstate') }],
    shippedRules: false,
    rules: [path.join(folder, 'rules')],
    terraform: { settle: '1s' },
    sinks: {
      chat: { kind: 'slack', url: slack.url, group: { wait: '8s' } },
      hook: { kind: 'webhook', url: hook.url, secret },
    },
  })
  try {
    const records = numbers.map((n) =>
      aRecord({
        eventID: `e-${n}`,
        userAgent: 'APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io)',
        requestParameters: { instanceId: idOf(n), instanceType: { value: 't3.large' } },
      }),
    )
    writeFileSync(path.join(folder, 'new.json'), JSON.stringify({ Records: records }))
    renameSync(path.join(folder, 'new.json'), path.join(folder, 'events', 'new.json'))
    await until('the webhook has 300', () => hook.hits.length >= 300 || undefined, { deadlineMs: 60_000 })
    await until('the channel has its message', () => slack.accepted.length > 0 || undefined, {
      deadlineMs: 60_000,
    })
    const text = JSON.stringify(slack.accepted)
    expect(numbers.filter((n) => !text.includes(`\`${address(n)}\``))).toEqual([])
    expect(slack.accepted).toHaveLength(1)
    expect(slack.accepted[0]!.text).toMatch(/300 changes by .* \(300 medium\)/)
    expect(slack.complaints).toEqual([])
    expect(hook.hits).toHaveLength(300)
  } finally {
    expect(await running.stop()).toBe(0)
    await slack.close()
    await hook.close()
  }
})

test('a storm of 10,000 medium alerts delays no critical one by 2 s where Slack takes one message a second, and none is lost', {
  timeout: 180_000,
}, async () => {
  const slack = await slackReceiver({ minIntervalMs: 1_000 })
  const file = path.join(folder, 'tfdrift.yaml')
  const config = {
    dataDir: path.join(folder, 'data'),
    sinks: { chat: { kind: 'slack', url: slack.url, limits: { all: '1/s' } } },
    secrets: { hashKey: key(), deadLetterKey: key() },
  }
  writeFileSync(file, stringify(config))
  const { context, close } = await openInstance(file, quietLog(), (error) => expect.fail(error.message))
  const running = await startSinks(context)
  const publish = (alerts: readonly Alert[]) =>
    context.bus.publish(
      alerts.map((alert) => ({
        topic: context.topic('alerts'),
        key: Buffer.from(alert.driftId),
        headers: alertHeaders(alert),
        value: context.codecs.alert.encode(alert),
      })),
    )
  const named = (n: number | string, severity: Alert['severity'], who: number): Alert => {
    const one = anAlert({ id: `${n}`, severity })
    return {
      ...one,
      resource: { ...one.resource!, address: `aws_sqs_queue.q[${n}]`, type: 'aws_sqs_queue' },
      actor: { ...one.actor, name: `user-${who}`, arn: `arn:aws:iam::123456789012:user/user-${who}` },
    }
  }
  const seen = (n: number | string) =>
    slack.accepted.some((post) => JSON.stringify(post).includes(`aws_sqs_queue.q[${n}]`))
  try {
    const storm = Array.from({ length: 10_000 }, (_, n) => named(n, 'medium', n % 100))
    for (let from = 0; from < storm.length; from += 500) await publish(storm.slice(from, from + 500))
    const delays: number[] = []
    for (let n = 0; n < 4; n++) {
      await publish([named(`critical-${n}`, 'critical', n)])
      const began = performance.now()
      await until('the critical one', () => seen(`critical-${n}`) || undefined, { everyMs: 5 })
      delays.push(performance.now() - began)
    }
    // Others may keep the machine busy: then what it takes to compute takes longer.
    const crowded = Math.max(1, loadavg()[0]! / availableParallelism())
    expect(Math.max(...delays)).toBeLessThan(2_000 * crowded)

    await until(
      'nothing waits',
      async () => (await context.tables.outboxOf('chat')).length === 0 || undefined,
      {
        deadlineMs: 150_000,
        everyMs: 500,
      },
    )
    const counts = new Map<string, number>()
    for (const [, n] of JSON.stringify(slack.accepted).matchAll(/aws_sqs_queue\.q\[(\d+)\]/g)) {
      counts.set(n!, (counts.get(n!) ?? 0) + 1)
    }
    expect(counts.size).toBe(10_000)
    expect([...counts].filter(([, count]) => count !== 1)).toEqual([])
    expect(slack.complaints).toEqual([])
  } finally {
    await running.stop()
    await close()
    await slack.close()
  }
})
