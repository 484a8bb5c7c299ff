import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { formatCheck } from '../../../cli/doctor/format-check.ts'
import { runProgram } from '../../../cli/program.ts'
import { slackReceiver } from '../../connectors/sinks/slack-receiver.ts'
import { testIo } from '../../support/test-io.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-doctor-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const key = Buffer.alloc(32).toString('base64')

async function doctor(text: string, ...args: string[]) {
  const file = path.join(folder, 'tfdrift.yaml')
  const secrets = `secrets: { hashKey: "${key}", deadLetterKey: "${key}" }\n`
  writeFileSync(file, `${secrets}${text.replaceAll('DIR', folder)}`)
  const io = testIo()
  const code = await runProgram(['doctor', '--config', file, ...args], io)
  return { code, out: io.out(), err: io.err() }
}

const state = JSON.stringify({
  version: 4,
  terraform_version: '1.9.0',
  serial: 1,
  lineage: 'l',
  outputs: {},
  resources: [],
})

it('has a line for everything, and exits with 0 where all is well', async () => {
  writeFileSync(path.join(folder, 'a.tfstate'), state)
  const slack = await slackReceiver()
  const { code, out } = await doctor(
    `dataDir: DIR/data
sources: [{ kind: cloudtrail-files, paths: [DIR] }]
states: [{ kind: file, path: DIR/a.tfstate }]
sinks:
  chat: { kind: slack, url: "${slack.url}" }
  siem: { kind: siem-file, path: DIR/alerts.ndjson }
  console: { kind: console }
`,
  )
  await slack.close()
  expect(out).not.toContain('PROBLEM')
  expect(code).toBe(0)
  for (const what of [
    'configuration',
    'data directory',
    'embedded log',
    'topic tfdrift.alerts',
    'sources[0]',
    'states[0]',
    'sinks.chat',
    'sinks.siem',
    'sinks.console',
  ])
    expect(out).toMatch(new RegExp(`^ok       ${what.replaceAll(/[[\].]/g, '\\$&')}`, 'm'))
})

it('names each problem with its fix, and exits with 1', async () => {
  writeFileSync(path.join(folder, 'bad.tfstate'), '')
  const { code, out, err } = await doctor(
    `dataDir: DIR/data
sources: [{ kind: cloudtrail-files, paths: [DIR/none] }]
states: [{ kind: file, path: DIR/bad.tfstate }]
sinks:
  siem: { kind: siem-file, path: DIR/none/alerts.ndjson }
  hook: { kind: webhook, url: "http://127.0.0.1:1/x" }
`,
    '--format',
    'ndjson',
  )
  const checks = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const failed = checks.filter(({ ok }) => !ok)
  expect(failed.map(({ what }) => what.split(' ')[0])).toEqual([
    'sources[0]',
    'states[0]',
    'sinks.siem',
    'sinks.hook',
  ])
  for (const check of failed)
    expect(check).toMatchObject({ problem: expect.any(String), fix: expect.any(String) })
  expect(err).toBe('4 problems\n')
  expect(code).toBe(1)
})

it('says where Kafka and the registry are not there', async () => {
  const { code, out } = await doctor(
    'dataDir: DIR\nbus:\n  kind: kafka\n  kafka: { brokers: ["127.0.0.1:1"], registry: "http://127.0.0.1:1" }\n',
  )
  expect(out).toMatch(/^PROBLEM {2}Kafka 127\.0\.0\.1:1: /m)
  expect(out).toMatch(
    /^PROBLEM {2}schema registry http:\/\/127\.0\.0\.1:1: cannot be reached \(ECONNREFUSED\)/m,
  )
  expect(code).toBe(1)
})

it('says where the data directory cannot be', async () => {
  writeFileSync(path.join(folder, 'file'), '')
  const { code, out } = await doctor('dataDir: DIR/file\n')
  expect(out).toMatch(/PROBLEM {2}data directory .*is no folder\n {9}fix: /)
  expect(code).toBe(1)
})

it('prints a policy as it is to be pasted', () => {
  const policy = '{\n  "Effect": "Allow"\n}'
  expect(formatCheck({ what: 'queue', ok: false, problem: 'no permission', fix: 'add it', policy })).toBe(
    'PROBLEM  queue: no permission\n         fix: add it\n         policy:\n         {\n           "Effect": "Allow"\n         }\n',
  )
})
