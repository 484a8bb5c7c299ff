import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertJson } from '../../connectors/alert-json.ts'
import { aRecord } from '../connectors/sources/a-record.ts'
import { until } from '../services/until.ts'
import { type InProcess, runInProcess } from './run-in-process.ts'

const instance = { id: 'i-0abc123def4567890', instance_type: 't3.micro' }

/** What each sink's peer does while it is ill. */
const illnesses: Record<string, (response: ServerResponse) => void> = {
  unauthorized: (response) => void response.writeHead(401).end(),
  forbidden: (response) => void response.writeHead(403).end(),
  throttled: (response) => void response.writeHead(429, { 'retry-after': '1' }).end(),
  failing: (response) => void response.writeHead(500).end(),
  silent: () => {},
}

let folder: string
let running: InProcess
let server: Server
let ill = true
const taken = new Map<string, string[]>()
const refused = new Map<string, number>()

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-sinks-'))
  mkdirSync(path.join(folder, 'events'))
  server = createServer(async (request, response) => {
    const name = request.url!.slice(1)
    let body = ''
    for await (const chunk of request) body += chunk
    if (ill) {
      refused.set(name, (refused.get(name) ?? 0) + 1)
      return illnesses[name]!(response)
    }
    const { sourceEvent } = JSON.parse(body) as AlertJson
    taken.set(name, [...(taken.get(name) ?? []), sourceEvent.id])
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const provider = 'provider["registry.terraform.io/hashicorp/aws"]'
  const instances = [{ schema_version: 0, attributes: instance }]
  const resources = [{ mode: 'managed', type: 'aws_instance', name: 'a', provider, instances }]
  writeFileSync(
    path.join(folder, 'a.tfstate'),
    JSON.stringify({ version: 4, serial: 1, lineage: 'a', resources }),
  )
  const key = () => randomBytes(32).toString('base64')
  const retry = { minDelay: '20ms', maxDelay: '100ms' }
  const sinks = Object.keys(illnesses).map((name) => {
    return [name, { kind: 'webhook', url: `${origin}/${name}`, timeout: '400ms', retry }]
  })
  running = await runInProcess(folder, {
    sources: [{ kind: 'cloudtrail-files', paths: [path.join(folder, 'events')], watch: true }],
    states: [{ kind: 'file', path: path.join(folder, 'a.tfstate') }],
    alerts: { info: true },
    sinks: Object.fromEntries(sinks),
    secrets: { hashKey: key(), deadLetterKey: key() },
  })
}, 60_000)

afterAll(async () => {
  expect(await running.stop()).toBe(0)
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

function happen(): string {
  const eventID = randomUUID()
  const requestParameters = { instanceId: instance.id, instanceType: { value: 't3.large' } }
  const file = path.join(folder, `${eventID}.json`)
  writeFileSync(file, JSON.stringify(aRecord({ eventID, requestParameters })))
  renameSync(file, path.join(folder, 'events', `${eventID}.json`))
  return eventID
}

interface Letter {
  code: string
  message: string
  origin: string
}

async function letters(): Promise<Letter[]> {
  const text = String(await running.ask('dead-letters', 'list'))
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Letter)
}

test('W16 a peer that hangs or refuses stops nothing: one that will never take an alert gets a dead letter, one that may is asked again, and all that heal go on', async () => {
  const first = happen()
  const all = Object.keys(illnesses)
  await until('every peer has been asked', () => all.every((name) => refused.has(name)) || undefined)
  await until(
    'the failing one again',
    () => (refused.get('failing')! > 2 && refused.get('silent')! > 1) || undefined,
  )
  const dead = await until('two dead letters', async () => {
    const found = await letters()
    return found.length >= 2 ? found : undefined
  })
  expect(dead.map(({ message }) => /answered (\d+)/.exec(message)?.[1]).sort()).toEqual(['401', '403'])
  const second = happen()
  await until('the second event to be detected meanwhile', async () => {
    return (await letters()).length >= 4 || undefined
  })
  expect(taken.size).toBe(0)

  ill = false
  const waiting = ['throttled', 'failing', 'silent']
  await until(
    'what waited is delivered',
    () => waiting.every((name) => [first, second].every((id) => taken.get(name)?.includes(id))) || undefined,
  )
  const next = happen()
  await until(
    'the next is delivered to all',
    () => all.every((name) => taken.get(name)?.includes(next)) || undefined,
  )
  expect(await letters()).toHaveLength(4)
  for (const name of all) expect(new Set(taken.get(name)).size, name).toBe(taken.get(name)!.length)
}, 60_000)
