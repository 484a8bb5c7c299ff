import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { connected } from '../connectors/sources/falco/writers-of-falco.ts'
import { aFinding } from '../connectors/sources/formats/a-falco-finding.ts'
import { until } from '../services/until.ts'
import { runInProcess } from './run-in-process.ts'

const held = { id: 'i-0abc123def4567890', instance_type: 't3.micro' }
const provider = 'provider["registry.terraform.io/hashicorp/aws"]'
const state = {
  version: 4,
  serial: 1,
  lineage: 'l',
  outputs: {},
  resources: [
    {
      mode: 'managed',
      type: 'aws_instance',
      name: 'a',
      provider,
      instances: [{ schema_version: 0, attributes: held }],
    },
  ],
}

test('a line on the socket of Falco becomes an alert', { timeout: 90_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-falco-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [stateFile, alerts, socketFile] = ['a.tfstate', 'alerts.ndjson', 'falco.sock'].map((name) =>
    path.join(folder, name),
  ) as [string, string, string]
  writeFileSync(stateFile, JSON.stringify(state))
  const running = await runInProcess(folder, {
    sources: [{ kind: 'falco-socket', path: socketFile }],
    states: [{ kind: 'file', path: stateFile }],
    alerts: { info: true },
    sinks: { file: { kind: 'siem-file', path: alerts } },
  })
  const request = { instanceId: held.id, instanceType: { value: 't3.large' } }
  const socket = await connected(socketFile)
  socket.end(`${JSON.stringify(aFinding({ 'ct.id': 'by-socket', 'ct.request': JSON.stringify(request) }))}\n`)
  const text = await until(
    'an alert',
    () => (existsSync(alerts) && readFileSync(alerts, 'utf8')) || undefined,
  )
  expect(await running.stop()).toBe(0)
  expect(text).toContain('by-socket')
  expect(text).toContain('t3.large')
  expect(existsSync(socketFile)).toBe(false)
})
