import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { runProgram } from '../../cli/program.ts'
import { aRecord } from '../connectors/sources/a-record.ts'
import { until } from '../services/until.ts'
import { testIo } from '../support/test-io.ts'
import { type InProcess, runInProcess } from './run-in-process.ts'

let folder: string
let running: InProcess
const inFolder = (...names: string[]) => path.join(folder, ...names)

const held = { id: 'i-0abc123def4567890', instance_type: 't3.micro' }

function stateText(name: string, changes: object = {}): string {
  const instances = [{ schema_version: 0, attributes: { ...held, id: name } }]
  const provider = 'provider["registry.terraform.io/hashicorp/aws"]'
  const resources = [{ mode: 'managed', type: 'aws_instance', name: 'a', provider, instances }]
  return JSON.stringify({ version: 4, serial: 3, lineage: name, outputs: {}, resources, ...changes })
}

/** A fresh event that differs from the state, as its record and its id. */
function drift(changes: object = {}): { id: string; record: object } {
  const id = randomUUID()
  const requestParameters = { instanceId: held.id, instanceType: { value: 't3.large' } }
  return { id, record: aRecord({ eventID: id, requestParameters, ...changes }) }
}

/** As a copying tool places a file. */
function drop(bytes: Buffer | string, suffix = 'json'): string {
  const name = `${randomUUID()}.${suffix}`
  writeFileSync(inFolder(name), bytes)
  renameSync(inFolder(name), inFolder('events', name))
  return inFolder('events', name)
}

/** The lines that the sink has written. */
function told(): string[] {
  const file = inFolder('alerts.ndjson')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
}

function alertOf(id: string): Promise<string> {
  return until(`the alert of ${id}`, () => told().find((line) => line.includes(id)))
}

interface Letter {
  id: string
  stage: string
  code: string
  origin: string
}

async function letterOf(file: string): Promise<Letter> {
  return until(`the dead letter of ${file}`, async () => {
    const out = String(await running.ask('dead-letters', 'list'))
    const letters = out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Letter)
    return letters.find(({ origin }) => origin.startsWith(file))
  })
}

const names = ['good', 'version-2', 'empty', 'encrypted', 'half', 'copy']
/** What becomes of states that were good, once they have been read. */
const broken: Record<string, string> = {
  'version-2': JSON.stringify({ version: 2, serial: 1, lineage: 'v2', modules: [] }),
  empty: '',
  encrypted: JSON.stringify({
    serial: 1,
    lineage: 'e',
    meta: {},
    encrypted_data: 'AAAA',
    encryption_version: 'v0',
  }),
  half: stateText('half').slice(0, 120),
  copy: stateText(held.id, { lineage: 'good', serial: 4 }),
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-bad-'))
  mkdirSync(inFolder('events'))
  for (const name of names)
    writeFileSync(inFolder(`${name}.tfstate`), stateText(name === 'good' ? held.id : name, { lineage: name }))
  const secrets = {
    hashKey: randomBytes(32).toString('base64'),
    deadLetterKey: randomBytes(32).toString('base64'),
  }
  const config = {
    sources: [{ kind: 'cloudtrail-files', paths: [inFolder('events')], watch: true }],
    states: names.map((name) => ({ kind: 'file', path: inFolder(`${name}.tfstate`) })),
    sync_mode: { periodic: { interval: '200ms' } },
    alerts: { info: true },
    sinks: { file: { kind: 'siem-file', path: inFolder('alerts.ndjson') } },
    secrets,
  }
  running = await runInProcess(folder, config)
}, 90_000)

afterAll(async () => {
  expect(await running.stop()).toBe(0)
  rmSync(folder, { recursive: true, force: true })
})

const good = (id = randomUUID()) => aRecord({ eventID: id })
const gzip = gzipSync(JSON.stringify({ Records: [good()] }))
const deep = `{"Records":[${JSON.stringify(good()).slice(0, -1)},"additionalEventData":${'['.repeat(10_000)}${']'.repeat(10_000)}}]}`

describe.concurrent('a file that is broken becomes a dead letter with its bytes, and the next event an alert', () => {
  test.each<[string, Buffer | string, string]>([
    ['a gzip that ends too early', gzip.subarray(0, gzip.length - 20), 'truncated-gzip'],
    ['a damaged gzip', Buffer.concat([gzip.subarray(0, 12), Buffer.alloc(200, 7)]), 'bad-gzip'],
    ['no JSON', 'hello, world', 'not-json'],
    ['JSON without records', '{"hello":"world"}', 'no-records'],
    [
      'a record of 10 MB',
      JSON.stringify({ Records: [{ ...good(), requestParameters: { a: 'x'.repeat(10_000_000) } }] }),
      'record-too-large',
    ],
    ['nesting of 10,000 levels', deep, 'nested-too-deep'],
    [
      'bytes that are not UTF-8',
      Buffer.from(JSON.stringify(good()).replace('"eventVersion"', '"\xff\xfe"'), 'latin1'),
      'invalid-utf8',
    ],
  ])('%s', { timeout: 60_000 }, async (_, bytes, code) => {
    const file = drop(bytes)
    const letter = await letterOf(file)
    expect(letter).toMatchObject({ stage: 'source', code })
    const kept = await running.ask('dead-letters', 'show', letter.id, '--raw')
    // Of a text with many records it would be the broken one alone.
    expect(kept.length > 0 && Buffer.from(bytes as string).includes(kept)).toBe(true)
    const { id, record } = drift()
    drop(JSON.stringify({ Records: [record] }))
    await alertOf(id)
  })

  test('a gzip bomb', { timeout: 90_000 }, async () => {
    const bomb = gzipSync(Buffer.alloc(600_000_000), { level: 1 })
    const letter = await letterOf(drop(bomb, 'json.gz'))
    expect(letter).toMatchObject({ stage: 'source', code: 'file-too-large' })
    const { id, record } = drift()
    drop(JSON.stringify({ Records: [record] }))
    await alertOf(id)
  })

  test('keys called __proto__ are keys like others', async () => {
    const { id, record } = drift()
    const text = JSON.stringify(record).replace(
      '{',
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},',
    )
    drop(text)
    await alertOf(id)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

describe('a state that is broken is said, with the file and the fix, and holds no other up', () => {
  test.each([
    ['version-2', /states of format 2 are not read/],
    ['empty', /empty/],
    ['encrypted', /encrypt/],
    ['half', /JSON/],
    ['copy', /same lineage/],
  ])('%s', async (name, message) => {
    writeFileSync(inFolder(`${name}.tfstate`), broken[name]!)
    const told = () =>
      running
        .log()
        .split('\n')
        .find((line) => line.includes(`${name}.tfstate`) && message.test(line))
    expect(await until(`a line on ${name}.tfstate`, told)).toBeDefined()
  })

  test('once it is mended, what has changed in it counts', async () => {
    const changed = stateText('i-half', { lineage: 'half', serial: 9 })
    writeFileSync(inFolder('half.tfstate'), changed)
    const requestParameters = { instanceId: 'i-half', instanceType: { value: 't3.large' } }
    await until('an alert of what the mended state holds', async () => {
      const { id, record } = drift({ requestParameters })
      drop(JSON.stringify({ Records: [record] }))
      const line = await alertOf(id).catch(() => undefined)
      return line?.includes('"aws_instance.a"') || undefined
    })
  })
})

describe('what a person has written wrong ends run with 1, the file, the field and the fix', () => {
  async function start(config: object, env: Record<string, string> = {}) {
    const file = inFolder(`${randomUUID()}.yaml`)
    writeFileSync(file, stringify({ dataDir: inFolder(randomUUID()), http: { port: 0 }, ...config }))
    const io = testIo(env, AbortSignal.timeout(5_000))
    const code = await runProgram(['run', '--config', file], io)
    return { code, err: io.err(), file }
  }

  test('a configuration key that nobody knows', async () => {
    const { code, err, file } = await start({ sinkz: {} })
    expect(code).toBe(1)
    expect(err).toContain(file)
    expect(err).toMatch(/sinkz.*did you mean sinks\?/)
  })

  test('an environment variable that is not set', async () => {
    const { code, err } = await start({ dataDir: `${folder}/\${TFDRIFT_NOWHERE}` })
    expect(code).toBe(1)
    expect(err).toMatch(/dataDir.*TFDRIFT_NOWHERE/)
  })

  test('an operator that no rule knows', async () => {
    const rules = inFolder('rules')
    mkdirSync(rules, { recursive: true })
    const rule = {
      id: 'r',
      name: 'r',
      severity: 'high',
      resource_types: ['aws_instance'],
      conditions: [{ attribute: 'a', operator: 'equalz', value: 1 }],
    }
    writeFileSync(path.join(rules, 'mine.yaml'), stringify({ rules: [rule] }))
    const { code, err } = await start({ rules: [rules] })
    expect(code).toBe(1)
    expect(err).toMatch(/mine\.yaml.*equalz/s)
  })

  test('a folder of data that is no folder', async () => {
    writeFileSync(inFolder('a-file'), '')
    const { code, err } = await start({ dataDir: inFolder('a-file', 'data') })
    expect(code).toBe(1)
    expect(err).toMatch(/dataDir: .*cannot be made/)
  })

  test('a store that another process holds', async () => {
    const { code, err } = await start({ dataDir: inFolder('data') })
    expect(code).toBe(1)
    expect(err).toMatch(/data.*(in use|held|lock)/s)
  })
})
