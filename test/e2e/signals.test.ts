import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertJson } from '../../connectors/alert-json.ts'
import type { Alert } from '../../schemas/types.ts'
import { detectionFinding } from '../connectors/sinks/formats/ocsf-validator.ts'
import { slackReceiver } from '../connectors/sinks/slack-receiver.ts'
import { splunkReceiver } from '../connectors/sinks/splunk-receiver.ts'
import { withoutCall } from '../connectors/sources/formats/falco-findings.ts'
import { freePort } from '../services/ports.ts'
import { until } from '../services/until.ts'
import { type InProcess, runInProcess } from './run-in-process.ts'
import { receiveWebhooks, type WebhookReceiver } from './webhook-hits.ts'

const secret = `whsec_${randomBytes(32).toString('base64')}`
let folder: string
let running: InProcess
let port: number
let slack: Awaited<ReturnType<typeof slackReceiver>>
let splunk: Awaited<ReturnType<typeof splunkReceiver>>
let webhook: WebhookReceiver
const inFolder = (name: string) => path.join(folder, name)

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-signals-'))
  slack = await slackReceiver()
  splunk = await splunkReceiver()
  webhook = await receiveWebhooks(secret)
  port = await freePort()
  mkdirSync(inFolder('rules'))
  writeFileSync(
    inFolder('rules/mine.yaml'),
    `rules:
  - { id: f-1, name: A shell, types: [signal], events: ["Terminal shell*"], severity: high }
  - { id: r-1, name: Anything, resource_types: ["*"], events: ["*"], severity: critical }
`,
  )
  running = await runInProcess(folder, {
    sources: [{ kind: 'falco-http', port }],
    rules: [inFolder('rules')],
    sinks: {
      chat: {
        kind: 'slack',
        url: slack.url,
        intervalMs: 0,
        group: 'off',
        digest: 'off',
        limits: { all: '1000/s' },
      },
      splunk: { kind: 'splunk', url: splunk.url, token: splunk.token },
      hook: { kind: 'webhook', url: webhook.url, secret },
      siem: { kind: 'siem-file', path: inFolder('alerts.ndjson') },
      console: { kind: 'console' },
    },
  })
}, 90_000)

afterAll(async () => {
  expect(await running.stop()).toBe(0)
  for (const peer of [slack, splunk, webhook]) await peer.close()
  rmSync(folder, { recursive: true, force: true })
})

async function post(finding: object): Promise<void> {
  const body = JSON.stringify(finding)
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body })
  expect(answer.status).toBe(202)
}

async function tapped<T>(topic: string): Promise<{ key: string; value: T }[]> {
  const lines = String(await running.ask('tap', topic)).split('\n')
  return lines.filter(Boolean).map((line) => JSON.parse(line))
}

test('what Falco posts without a call, twice each, every sink gets once, as a signal', async () => {
  for (const finding of [...withoutCall, ...withoutCall]) await post(finding)
  // One host's findings come in order: behind its last one there is nothing more to be delivered.
  const lasts = withoutCall.map((finding) => ({
    ...finding,
    uuid: undefined,
    rule: `Last of ${finding.hostname}`,
  }))
  for (const finding of lasts) await post(finding)
  const rules = [...withoutCall, ...lasts].map(({ rule }) => rule).sort()

  const siem = () =>
    readFileSync(inFolder('alerts.ndjson'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => detectionFinding.parse(JSON.parse(line)))
  const received = {
    webhook: () => webhook.hits.map(({ alert }) => alert.sourceEvent.name),
    splunk: () => splunk.indexed.map(({ event }) => (event as unknown as AlertJson).sourceEvent.name),
    slack: () =>
      slack.accepted.map(({ blocks }) => JSON.stringify(blocks[0]).split('signal: ')[1]!.split('"')[0]!),
    siem: () => siem().map(({ finding_info }) => finding_info.title.split('signal: ')[1]!),
    console: () => [...running.stdout().matchAll(/^\w+ +signal {2}(.+)$/gm)].map((match) => match[1]!),
  }
  for (const [name, rulesOf] of Object.entries(received)) {
    // People are not told of what is low; the webhook comes first here, and says what that is.
    const isLow = (rule: string) =>
      webhook.hits.some(({ alert }) => alert.sourceEvent.name === rule && alert.severity === 'low')
    const wanted = rules.filter((rule) => name !== 'slack' || !isLow(rule))
    await until(`all signals at ${name}`, () => wanted.every((rule) => rulesOf().includes(rule)) || undefined)
    expect(rulesOf().sort(), name).toEqual(wanted)
  }
  expect(slack.complaints).toEqual([])

  const verdicts = webhook.hits.map(({ alert }) => [alert.sourceEvent.name, alert.severity, alert.compared])
  expect(Object.fromEntries(verdicts.map(([rule, ...verdict]) => [rule, verdict]))).toMatchObject({
    'Terminal shell in container': ['high', true],
    'Attach/Exec Pod': ['medium', true],
    'GCP firewall changed': ['high', false],
    'Console Login Without MFA': ['critical', false],
    'Last of falco-0': ['low', true],
  })
  const alerts = await tapped<Alert>('alerts')
  expect(new Set(alerts.map(({ key }) => key))).toEqual(
    new Set(withoutCall.map(({ hostname }) => `falco/${hostname}`)),
  )
  expect(new Set(alerts.map(({ value }) => value.id)).size).toBe(rules.length)
  const statuses = await tapped<{ driftId: string; status: string }>('alert-status')
  expect(new Set(statuses.map(({ key }) => key))).toEqual(new Set(alerts.map(({ value }) => value.id)))
}, 60_000)
