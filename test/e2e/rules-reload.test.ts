import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AlertJson } from '../../connectors/alert-json.ts'
import { aRecord, resource } from '../cli/explain/an-explanation.ts'
import { until } from '../services/until.ts'
import { type InProcess, runInProcess } from './run-in-process.ts'
import { startServiceProcess } from './service-process.ts'

let folder: string
let running: InProcess | undefined
let files = 0

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-reload-'))
  for (const name of ['events', 'rules']) mkdirSync(path.join(folder, name))
})
afterEach(async () => {
  if (running) expect(await running.stop()).toBe(0)
  running = undefined
  rmSync(folder, { recursive: true, force: true })
})

/** A file as a copying tool places it. */
function place(name: string, text: string): void {
  const hidden = path.join(folder, `new-${files++}`)
  writeFileSync(hidden, text)
  renameSync(hidden, path.join(folder, name))
}

function rule(id: string, severity = 'high'): void {
  place(
    'rules/mine.yaml',
    `rules:
  - id: ${id}
    name: Instance Resized
    resource_types: [aws_instance]
    conditions: [{ attribute: instance_type, operator: changed }]
    severity: ${severity}
    actions: [{ type: alert, channels: [siem-file, slack] }]
`,
  )
}

async function start(): Promise<void> {
  const state = { version: 4, serial: 1, lineage: 'l', outputs: {}, resources: [instance] }
  place('terraform.tfstate', JSON.stringify(state))
  place('ignore', '')
  running = await runInProcess(folder, {
    sources: [{ kind: 'cloudtrail-files', paths: [path.join(folder, 'events')], watch: true }],
    states: [{ kind: 'file', path: path.join(folder, 'terraform.tfstate') }],
    shippedRules: false,
    rules: [path.join(folder, 'rules')],
    rulesReload: '50ms',
    ignore: [path.join(folder, 'ignore')],
    runbooks: [{ resource_types: ['aws_*'], template: 'https://wiki.example.com/{type}/{rule_id}' }],
    sinks: {
      siem: { kind: 'siem-file', path: path.join(folder, 'alerts.ndjson') },
      console: { kind: 'console' },
    },
    routing: { default: ['console'] },
  })
}

const instance = resource('aws_instance', { id: 'i-1', instance_type: 't3.micro', tags: { Env: 'test' } })

/** The alert of a resized instance, as it stands on the topic. */
async function resized(to: string): Promise<AlertJson & { channels: string[] }> {
  const record = aRecord('ec2', 'ModifyInstanceAttribute', { instanceId: 'i-1', instanceType: { value: to } })
  place(`events/${files}.json`, JSON.stringify({ Records: [record] }))
  return until('the alert', async () => {
    const lines = String(await running!.ask('tap', 'alerts'))
      .split('\n')
      .filter(Boolean)
    const alerts = lines.map((line) => JSON.parse(line)).map((line) => line.value ?? line)
    return alerts.find(({ sourceEvent }) => sourceEvent.id === record.eventID)
  })
}

async function ask(route: string): Promise<Response> {
  const url = /"url":"([^"]+)"/.exec(running!.log())![1]!
  return fetch(`${url}${route}`)
}

async function reaches(line: string): Promise<void> {
  await until(
    line,
    async () => (await (await ask('/metrics')).text()).includes(`tfdrift_${line}\n`) || undefined,
  )
}

test('rules and ignore lists change without a restart, and a broken file keeps the old set, loudly', {
  timeout: 60_000,
}, async () => {
  rule('first')
  await start()
  expect(await resized('t3.small')).toMatchObject({
    matchedRules: [{ id: 'first', severity: 'high' }],
    channels: ['siem'],
    pendingChannels: ['slack'],
    runbookUrl: 'https://wiki.example.com/aws_instance/first',
  })

  rule('second', 'hihg')
  await reaches('rules_stale 1')
  const fault = `${path.join(folder, 'rules/mine.yaml')}:6:15 rules[0].severity: "hihg" is not known here; did you mean "high"?`
  const warned = await ask('/readyz')
  expect(warned.status).toBe(200)
  expect(await warned.json()).toEqual({
    status: 'ok',
    problems: [],
    warnings: [{ component: 'rules', reason: `those from before the last change are in use: ${fault}` }],
  })
  expect(running!.log()).toContain(JSON.stringify(fault).slice(1, -1))
  await reaches('rules_reload_total{result="failed"} 1')
  expect(await resized('t3.medium')).toMatchObject({ matchedRules: [{ id: 'first' }] })

  rule('third', 'critical')
  await reaches('rules_stale 0')
  await reaches('rules_reload_total{result="loaded"} 1')
  expect(await (await ask('/readyz')).json()).toEqual({ status: 'ok', problems: [] })
  expect(await resized('t3.large')).toMatchObject({ matchedRules: [{ id: 'third', severity: 'critical' }] })

  place('ignore', 'aws_instance.this#instance_type\n')
  await reaches('rules_reload_total{result="loaded"} 2')
  const ignored = aRecord('ec2', 'ModifyInstanceAttribute', {
    instanceId: 'i-1',
    instanceType: { value: 't3.nano' },
  })
  place(`events/${files}.json`, JSON.stringify({ Records: [ignored] }))
  await reaches('events_total{outcome="ignored"} 1')
  await reaches('ignored_changes_total 1')

  // The rules name the one sink by its kind, so that the default one is never told.
  const delivered = () => readFileSync(path.join(folder, 'alerts.ndjson'), 'utf8').split('\n').filter(Boolean)
  await until('three deliveries', () => delivered().length === 3 || undefined)
  expect(running!.stdout()).toBe('')
})

test('SIGHUP reads the rules at once', { timeout: 60_000 }, async () => {
  rule('first')
  const service = await startServiceProcess({
    folder,
    config: {
      dataDir: path.join(folder, 'data'),
      rules: [path.join(folder, 'rules')],
      shippedRules: false,
      rulesReload: '24h',
    },
  })
  rule('second')
  process.kill(service.pid, 'SIGHUP')
  await until(
    'the new rules',
    () => service.log().includes('the rules have changed, and are in use') || undefined,
  )
  rule('third', 'hihg')
  process.kill(service.pid, 'SIGHUP')
  await until('the fault', () => service.log().includes('a fault in the changed rules') || undefined)
  expect(await service.stop()).toBe(0)
})
