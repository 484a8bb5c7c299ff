import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { POSITIONS } from '../../cli/service/positions.ts'
import { embeddedBus, embeddedFamilies } from '../../streams/embedded-bus.ts'
import { openRocksStore } from '../../streams/rocks-store.ts'
import { tableFamilies } from '../../streams/table-families.ts'
import { aRecord } from '../connectors/sources/a-record.ts'
import { until } from '../services/until.ts'
import { runInProcess } from './run-in-process.ts'
import { tableTopics } from './stored-rows.ts'

/** The positive control switches redaction off. The product has no such switch. */
const control = vi.hoisted(() => ({ off: false }))

vi.mock('../../connectors/redact.ts', async (original) => {
  const real = await original<typeof import('../../connectors/redact.ts')>()
  return {
    ...real,
    redact: <T>(value: T, replace: (secret: string) => string) =>
      control.off ? value : real.redact(value, replace),
    redactEvent: <T>(record: T, key: Buffer) => (control.off ? record : real.redactEvent(record, key)),
  }
})

vi.mock('../../connectors/sources/terraform-state/redact-attributes.ts', async (original) => {
  const real =
    await original<typeof import('../../connectors/sources/terraform-state/redact-attributes.ts')>()
  const redactAttributes: typeof real.redactAttributes = (instance, key) =>
    control.off ? instance.attributes : real.redactAttributes(instance, key)
  return { ...real, redactAttributes }
})

vi.mock('../../streams/dead-letters.ts', async (original) => {
  const real = await original<typeof import('../../streams/dead-letters.ts')>()
  const deadLetter: typeof real.deadLetter = (letter, topic, key) => ({
    ...real.deadLetter(letter, topic, key),
    ...(control.off && { value: letter.value }),
  })
  return { ...real, deadLetter }
})

/** Long enough that parts of it are unique, too, and of letters that no hash in hex has. */
const secretText = () => Array.from(randomBytes(24), (byte) => 'GHJKLMNPQRSTUVWXYZ'[byte % 18]).join('')
let canaries: Record<string, string>
let folder: string
let server: Server
let posted: string[]

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-canary-'))
  mkdirSync(path.join(folder, 'events'))
  posted = []
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    posted.push(body)
    // One alert is refused for good, and becomes a dead letter of the sink.
    response.writeHead(posted.length === 1 ? 400 : 204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const places = [
    'state password',
    'state marked',
    'state by name',
    'state in a map',
    'state in a list',
    'state that is half written',
    'event password',
    'event user data',
    'event variable',
    'event secret',
    'event in JSON text',
    'event without a time',
    'not JSON',
    'not Avro',
    'webhook header',
    'webhook path',
    'webhook signing secret',
  ]
  canaries = Object.fromEntries(places.map((place) => [place, secretText()]))
})

afterEach(() => {
  control.off = false
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

function resource(type: string, attributes: object, more: object = {}): object {
  const provider = 'provider["registry.terraform.io/hashicorp/aws"]'
  return {
    mode: 'managed',
    type,
    name: 'a',
    provider,
    instances: [{ schema_version: 0, attributes, ...more }],
  }
}

function writeState(): void {
  const resources = [
    resource('aws_db_instance', {
      id: 'orders',
      identifier: 'orders',
      instance_class: 'db.t3.small',
      password: canaries['state password'],
    }),
    resource(
      'aws_lambda_function',
      {
        id: 'api',
        function_name: 'api',
        memory_size: 128,
        description: canaries['state marked'],
        environment: [{ variables: { DB_PASSWORD: canaries['state in a map'] } }],
      },
      { sensitive_attributes: [[{ type: 'get_attr', value: 'description' }]] },
    ),
    resource(
      'aws_iam_role',
      {
        id: 'app',
        name: 'app',
        api_token: canaries['state by name'],
        managed_policy_arns: [canaries['state in a list']],
      },
      {
        sensitive_attributes: [[{ type: 'get_attr', value: 'managed_policy_arns' }]],
      },
    ),
  ]
  writeFileSync(
    path.join(folder, 'a.tfstate'),
    JSON.stringify({ version: 4, serial: 1, lineage: 'a', resources }),
  )
  const whole = JSON.stringify({ version: 4, serial: 1, lineage: 'half', resources: [] })
  writeFileSync(path.join(folder, 'half.tfstate'), whole)
}

/** V8 quotes what stands before the place at which JSON breaks off. */
function breakState(): void {
  const half = `{"version":4,"passwords":["${canaries['state that is half written']}",x`
  writeFileSync(path.join(folder, 'half.tfstate'), half)
}

/** A record on raw-events that is none, as another program may put one there before this one starts. */
async function writeBadRawEvent(): Promise<void> {
  const store = await openRocksStore(path.join(folder, 'data', 'log'), [...embeddedFamilies, POSITIONS])
  const bus = await embeddedBus(store)
  await bus.ensureTopics([{ name: 'tfdrift.raw-events', partitions: 6, cleanup: 'delete' }])
  await bus.publish([
    { topic: 'tfdrift.raw-events', key: null, value: Buffer.from(`${canaries['not Avro']} is no Avro`) },
  ])
  await bus.close()
  await store.close()
}

function drop(content: object | string): void {
  const name = `${randomUUID()}.json`
  writeFileSync(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  renameSync(path.join(folder, name), path.join(folder, 'events', name))
}

const event = (service: string, eventName: string, requestParameters: object, more: object = {}) =>
  aRecord({
    eventID: randomUUID(),
    eventSource: `${service}.amazonaws.com`,
    eventName,
    requestParameters,
    responseElements: null,
    ...more,
  })

function dropEvents(): void {
  const Records = [
    event('rds', 'ModifyDBInstance', {
      dBInstanceIdentifier: 'orders',
      dBInstanceClass: 'db.t3.large',
      masterUserPassword: canaries['event password'],
    }),
    event('lambda', 'UpdateFunctionConfiguration20150331v2', {
      functionName: 'api',
      memorySize: 512,
      environment: { variables: { DB_PASSWORD: canaries['event variable'] } },
    }),
    event('secretsmanager', 'PutSecretValue', { secretId: 'a', secretString: canaries['event secret'] }),
    event('iam', 'AttachRolePolicy', { roleName: 'app', policyArn: canaries['state in a list'] }),
    event('ec2', 'RunInstances', {
      userData: canaries['event user data'],
      instancesSet: { items: [{ imageId: 'ami-1' }] },
    }),
    event('ssm', 'SendCommand', { parameters: JSON.stringify({ password: canaries['event in JSON text'] }) }),
    event(
      'rds',
      'ModifyDBInstance',
      { masterUserPassword: canaries['event without a time'] },
      { eventTime: 'never' },
    ),
  ]
  drop({ Records })
  // V8 quotes the beginning.
  drop(`${canaries['not JSON']} = password`)
}

/** Everything that the product has written anywhere, as text, by its place. */
async function everything(): Promise<Map<string, string>> {
  const written = new Map<string, string>()
  const { port } = server.address() as AddressInfo
  const key = () => randomBytes(32).toString('base64')
  const service = await runInProcess(folder, {
    sources: [{ kind: 'cloudtrail-files', paths: [path.join(folder, 'events')], watch: true }],
    states: ['a', 'half'].map((name) => ({ kind: 'file', path: path.join(folder, `${name}.tfstate`) })),
    sync_mode: { periodic: { interval: '200ms' } },
    alerts: { info: true },
    sinks: {
      hook: {
        kind: 'webhook',
        url: `http://127.0.0.1:${port}/${canaries['webhook path']}`,
        secret: `whsec_${Buffer.from(canaries['webhook signing secret']!).toString('base64')}`,
        headers: { authorization: `Bearer ${canaries['webhook header']}` },
      },
      // Fails at every attempt, and is logged.
      unreachable: {
        kind: 'webhook',
        url: `http://127.0.0.1:1/${canaries['webhook path']}`,
        headers: { authorization: `Bearer ${canaries['webhook header']}` },
      },
      console: { kind: 'console' },
      siem: { kind: 'siem-file', path: path.join(folder, 'alerts.ndjson') },
    },
    secrets: { hashKey: key(), deadLetterKey: key() },
    log: { level: 'debug' },
  })
  dropEvents()
  breakState()
  // Unredacted, the list of the state shows that the policy is attached already.
  const alerts = control.off ? 2 : 3
  await until('the alerts, and a dead letter of each stage', async () => {
    const letters = String(await service.ask('dead-letters', 'list'))
      .split('\n')
      .filter(Boolean)
    return (posted.length >= alerts && letters.length >= 4) || undefined
  })
  await until(
    'the unreachable peer is said',
    () => service.log().includes('"sink":"unreachable"') || undefined,
  )
  await until('the half state is said', () => service.log().includes('half.tfstate') || undefined)
  const topics = [
    'raw-events',
    'state-snapshot',
    'diffs',
    'matches',
    'alerts',
    'alert-status',
    'deliveries',
    'pending-changes',
    'counted-matches',
    'count-windows',
  ]
  for (const topic of topics) written.set(`tap ${topic}`, String(await service.ask('tap', topic)))
  written.set('state list', String(await service.ask('state', 'list')))
  for (const address of ['aws_db_instance.a', 'aws_lambda_function.a', 'aws_iam_role.a'])
    written.set(`state show ${address}`, String(await service.ask('state', 'show', address)))
  const letters = String(await service.ask('dead-letters', 'list'))
  written.set('dead-letters list', letters)
  // What is not sealed cannot be opened.
  for (const line of control.off ? [] : letters.split('\n').filter(Boolean)) {
    const { id } = JSON.parse(line) as { id: string }
    written.set(`dead-letters show ${id}`, String(await service.ask('dead-letters', 'show', id)))
  }
  expect(await service.stop()).toBe(0)
  written.set('log', service.log())
  written.set('stdout', service.stdout())
  posted.forEach((body, n) => void written.set(`webhook ${n}`, body))
  written.set('SIEM file', readFileSync(path.join(folder, 'alerts.ndjson'), 'utf8'))
  await addStore('log', [...embeddedFamilies, POSITIONS])
  await addStore('tables', [...tableFamilies(Object.keys(tableTopics)), POSITIONS])
  for (const name of readdirSync(path.join(folder, 'data'), { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue
    const bytes = readFileSync(path.join(name.parentPath, name.name))
    written.set(
      `file ${name.name}`,
      (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('latin1'),
    )
  }
  return written

  /** The log's records with keys and headers, and the rows of the tables. */
  async function addStore(name: string, families: string[]): Promise<void> {
    const store = await openRocksStore(path.join(folder, 'data', name), families)
    try {
      for (const family of families) {
        for await (const { key, value } of store.iterate(family))
          written.set(
            `store ${name} ${family} ${key.toString('hex')}`,
            `${key.toString('latin1')}\n${value.toString('latin1')}`,
          )
      }
    } finally {
      await store.close()
    }
  }
}

/** Which canaries can be seen, in clear or in an encoding that anybody undoes. */
function seen(written: Map<string, string>): string[] {
  const found = new Set<string>()
  for (const [place, canary] of Object.entries(canaries)) {
    const forms = formsOf(canary)
    for (const [where, text] of written)
      if (forms.some((form) => text.includes(form))) found.add(`${place} in ${where.slice(0, 60)}`)
  }
  return [...found].sort()
}

/** Its beginning and its end, which an error may quote alone; hex; base64 wherever in the text it begins. */
function formsOf(canary: string): string[] {
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.from(' '.repeat(before) + canary).toString('base64')
    // The characters at both ends depend on the neighbours, too.
    return text.slice(4, -4)
  })
  return [canary.slice(0, 8), canary.slice(-8), Buffer.from(canary).toString('hex'), ...base64]
}

test('the look knows a canary in every form', () => {
  const canary = canaries['event password']!
  const encoded = (text: string) => Buffer.from(text).toString('base64')
  const texts = [`x${canary}x`, `"${canary.slice(0, 9)}"...`, `...${canary.slice(-9)}"`]
  const encodings = ['', 'a', 'ab', 'abc'].map((before) => encoded(`${before}${canary}and more`))
  for (const text of [...texts, ...encodings, Buffer.from(canary).toString('hex')])
    expect(seen(new Map([['here', text]])), text).toEqual(['event password in here'])
})

/** RocksDB's own files of the log hold what its rows hold, as they are compressed. */
const rawEvents = '(tap raw-events|store log log 746664726966742e7261772d6576656e7473|file \\d+\\.(log|sst)$)'
/** While a drift is open its status holds the raw events that decide it. */
const causes = '(store log log 746664726966742e616c6572742d737461747573|store tables alertStatus )'
/** Only a state says that this ARN is a secret: the source of events, which redacts by names, cannot know it. */
const unknowable = new RegExp(`^state in a list in (${rawEvents}|${causes})`)
/** The row that the test itself has put there; what `tap` says of it is ours. */
const foreign = new RegExp(`^not Avro in ${rawEvents.replace('tap raw-events|', '')}`)

test('no secret of a state, an event or the configuration stands anywhere in clear', {
  timeout: 90_000,
}, async () => {
  writeState()
  await writeBadRawEvent()
  const written = await everything()
  expect(written.size).toBeGreaterThan(40)
  expect(seen(written).filter((one) => !unknowable.test(one) && !foreign.test(one))).toEqual([])
  const stages = [...written.get('dead-letters list')!.matchAll(/"stage":"([^"]+)"/g)].map(
    ([, stage]) => stage,
  )
  expect(new Set(stages)).toEqual(new Set(['source', 'process', 'sink.hook']))
})

/** What nothing hides, because nothing writes it: there is no redaction to switch off. */
const neverWritten = [
  'state that is half written',
  'webhook header',
  'webhook path',
  'webhook signing secret',
]

test('without redaction the same look finds them', { timeout: 90_000 }, async () => {
  control.off = true
  writeState()
  await writeBadRawEvent()
  const found = seen(await everything()).filter((one) => !unknowable.test(one) && !foreign.test(one))
  const places = new Set(found.map((one) => one.split(' in store ')[0]!.split(' in tap ')[0]))
  for (const place of Object.keys(canaries).filter((each) => !neverWritten.includes(each)))
    expect(places, place).toContain(place)
})
