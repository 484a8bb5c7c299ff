import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../../cli/commands/index.ts'
import { runProgram } from '../../cli/program.ts'
import type { AlertJson } from '../../connectors/alert-json.ts'
import { topology } from '../../processors/topology.ts'
import { withoutCall } from '../connectors/sources/formats/falco-findings.ts'
import { apiRule, azureRecord, RULE_ID, responseOf, stateRule } from '../processors/azure/a-record.ts'
import { bucketEntry, FIREWALL_ID, firewallEntry } from '../processors/gcp/an-entry.ts'
import { testIo } from '../support/test-io.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const full = path.join(folder, name)
  mkdirSync(path.dirname(full), { recursive: true })
  writeFileSync(full, text)
  return full
}

async function run(args: string[], env: Record<string, string> = {}, isTTY = false) {
  const io = testIo(env)
  const code = await runProgram(args, { ...io, stdout: { ...io.stdout, isTTY } })
  return { code, out: io.out(), err: io.err() }
}

describe('the command line', () => {
  it('explains itself, and every command', async () => {
    const { code, out, err } = await run(['--help'])
    expect(code).toBe(0)
    expect(err).toBe('')
    const listed = [...out.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name)
    const names = [
      ...[
        'run',
        'detect',
        'explain',
        'validate',
        'rules',
        'alerts',
        'state',
        'topics',
        'tap',
        'replay',
        'dead-letters',
        'doctor',
        'audit',
      ],
      ...['mappings', 'coverage'],
    ]
    expect(listed.filter((name) => name !== 'help')).toEqual(names)
    expect(names).toHaveLength(commands.length)
    for (const name of names) {
      const help = await run([name, '--help'])
      expect(help.code, name).toBe(0)
      expect(help.out, name).toMatch(new RegExp(`^Usage: tfdrift ${name} `))
    }
  })

  it('explains itself where it is given nothing', async () => {
    const { code, out, err } = await run([])
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toMatch(/^Usage: tfdrift/)
  })

  it('suggests the command that was meant', async () => {
    const { code, out, err } = await run(['detcet'])
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toMatch(/unknown command 'detcet'\s+\(Did you mean detect\?\)/)
  })

  it('refuses an option that there is not, and one that is missing', async () => {
    expect(await run(['detect', '--state', 'a', '--events', 'b', '--fial-on', 'high'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/unknown option '--fial-on'\s+\(Did you mean --fail-on\?\)/),
    })
    expect(await run(['detect', '--events', 'b'])).toMatchObject({
      code: 1,
      err: expect.stringContaining("required option '--state <file...>' not specified"),
    })
  })
})

describe('run', () => {
  it('is what --daemon means, wherever it stands', async () => {
    const missing = path.join(folder, 'none.yaml')
    const expected = { code: 1, out: '', err: `${missing}: no such file; correct the path\n` }
    expect(await run(['run', '--config', missing])).toEqual(expected)
    expect(await run(['--config', missing, '--daemon'])).toEqual(expected)
    expect(await run(['--daemon', '--config', missing])).toEqual(expected)
  })

  it('keeps all roles in one process on the embedded bus', async () => {
    const config = file('embedded.yaml', 'bus: { kind: embedded }\n')
    expect(await run(['run', '--config', config, '--roles', 'process,notify'])).toEqual({
      code: 1,
      out: '',
      err: '--roles: the embedded bus runs all roles in one process; leave --roles out, or use bus.kind: kafka\n',
    })
  })

  it('refuses a role and a bus that there are not', async () => {
    expect(await run(['run', '--roles', 'process,api'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('No role api; choose among collect, state, process, notify.'),
    })
    expect(await run(['run', '--bus', 'rabbit'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('Choose embedded or kafka.'),
    })
  })

  it('names every fault of its configuration', async () => {
    const config = file('faulty.yaml', 'bus:\n  kind: rabbit\nhttp: { port: 99999 }\n')
    const { code, err } = await run(['run', '--config', config])
    expect(code).toBe(1)
    expect(err).toMatch(/faulty\.yaml:2:\d+ bus\.kind: .+\n.*faulty\.yaml:3:\d+ http\.port: /)
  })
})

describe('detect', () => {
  const state = (instance_type: string) => ({
    version: 4,
    serial: 1,
    lineage: 'l',
    resources: [
      {
        mode: 'managed',
        type: 'aws_instance',
        name: 'web',
        provider: 'provider["registry.terraform.io/hashicorp/aws"]',
        instances: [{ attributes: { id: 'i-1', instance_type, disable_api_termination: true } }],
      },
    ],
  })
  const record = (eventName: string, requestParameters: object, more: object = {}) => ({
    eventID: `${eventName}-1`,
    eventTime: '2026-03-01T10:00:00Z',
    eventSource: 'ec2.amazonaws.com',
    eventName,
    awsRegion: 'eu-west-1',
    recipientAccountId: '123456789012',
    userIdentity: { type: 'IAMUser', userName: 'alice' },
    readOnly: false,
    requestParameters,
    ...more,
  })
  let inputs: string[] = []
  beforeAll(() => {
    const records = [
      record('TerminateInstances', { instancesSet: { items: [{ instanceId: 'i-1' }] } }),
      record('ModifyInstanceAttribute', { instanceId: 'i-1', newSetting: { value: 'on' } }),
    ]
    inputs = [
      '--state',
      file('a.tfstate', JSON.stringify(state('t3.small'))),
      '--events',
      file('log/a.json', JSON.stringify({ Records: records })),
    ]
  })
  const detect = (...more: string[]) => run(['detect', ...inputs, '--rules', 'none', ...more])

  it('tells of expressions of rules that could not be evaluated, which match nothing', async () => {
    const rule = (id: string, expression: string) => ({
      id,
      name: id,
      resource_types: ['*'],
      types: ['resource_deleted'],
      severity: 'low',
      expression,
    })
    const rules = [rule('broken', 'attributes.nothing == 1'), rule('sound', 'attributes.id == "i-1"')]
    const dir = path.dirname(file('expressions/mine.yaml', JSON.stringify({ rules })))
    const { code, out, err } = await run(['detect', ...inputs, '--rules', dir, '--format', 'ndjson'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ matchedRules: [{ id: 'sound' }] })
    expect(err).toContain(
      'rule broken: its expression cannot be evaluated, of 1 alerts, such as: No such key: nothing\n',
    )
  })

  it("knows Google's audit logs in a folder by what is in them, whatever their names", async () => {
    const made = bucketEntry('storage.buckets.create')
    const other = {
      ...bucketEntry('storage.buckets.create'),
      logName: 'projects/p/logs/run.googleapis.com%2Frequests',
    }
    const lines = [made, other].map((one) => `${JSON.stringify(one)}\n`).join('')
    file('sink/2026/03/02/11:00:00_11:59:59_S0.json', lines)
    const events = path.join(folder, 'sink')
    const { code, out, err } = await run([
      'detect',
      ...inputs.slice(0, 2),
      ...['--events', events, '--rules', 'none', '--format', 'ndjson', '--fail-on', 'medium'],
    ])
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({
      type: 'unmanaged_resource',
      resource: { provider: 'gcp', type: 'google_storage_bucket', id: 'shop-receipts', account: 'shop-prod' },
      actor: { name: 'bob@example.com', tool: 'cli' },
      sourceEvent: { id: '15cp9rve72xt1', source: 'storage.googleapis.com' },
    })
    expect(err).toMatch(/ 1 events read\n.* 1 not events of this kind\n/s)
  })

  it('W10 judges events of three clouds by states of three clouds, side by side', async () => {
    const held = (cloud: string, type: string, attributes: object) => {
      const provider = `provider["registry.terraform.io/hashicorp/${cloud}"]`
      const resources = [{ mode: 'managed', type, name: 'a', provider, instances: [{ attributes }] }]
      const document = { version: 4, serial: 1, lineage: cloud, resources }
      return ['--state', file(`three/${cloud}.tfstate`, JSON.stringify(document))]
    }
    const group = { resource_group_name: 'net-rg', network_security_group_name: 'web' }
    const logs = [
      record('ModifyInstanceAttribute', { instanceId: 'i-1', instanceType: { value: 't3.large' } }),
      firewallEntry('v1.compute.firewalls.patch', { priority: 1 }),
      azureRecord({}, { responseBody: responseOf({ ...apiRule, priority: 200 }) }),
    ].flatMap((one, n) => ['--events', file(`three/${n}.json`, JSON.stringify(one))])
    const { out } = await run([
      'detect',
      ...held('aws', 'aws_instance', { id: 'i-1', instance_type: 't3.small' }),
      ...held('google', 'google_compute_firewall', { id: FIREWALL_ID, name: 'allow-ssh', priority: 1000 }),
      ...held('azurerm', 'azurerm_network_security_rule', { ...stateRule, ...group, id: RULE_ID }),
      ...logs,
      ...['--rules', 'none', '--format', 'ndjson'],
    ])
    const alerts = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AlertJson)
    expect(alerts.map(({ resource, diffs }) => [resource?.address, diffs[0]?.attribute])).toEqual([
      ['aws_instance.a', 'instance_type'],
      ['azurerm_network_security_rule.a', 'priority'],
      ['google_compute_firewall.a', 'priority'],
    ])
  })

  it('W13 knows events by their id and time: what comes twice is one alert, and each stands in its place', async () => {
    const set = (id: string, minute: number, value: string) =>
      record(
        'ModifyInstanceAttribute',
        { instanceId: 'i-1', instanceType: { value } },
        { eventID: id, eventTime: `2026-03-01T10:0${minute}:00Z` },
      )
    const [first, second, third] = [set('a', 1, 't3.large'), set('b', 2, 't3.small'), set('c', 3, 'm5.large')]
    const { out, err } = await run([
      'detect',
      ...inputs.slice(0, 2),
      ...['--events', file('log/late.json', JSON.stringify({ Records: [third, first, second, third] }))],
      ...['--rules', 'none', '--format', 'ndjson'],
    ])
    const alerts = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AlertJson)
    expect(alerts.map(({ sourceEvent, status }) => [sourceEvent.id, sourceEvent.time, status])).toEqual([
      ['a', '2026-03-01T10:01:00Z', 'open'],
      ['c', '2026-03-01T10:03:00Z', 'open'],
    ])
    expect(err).toContain(' 1 duplicates\n')
  })

  it('exits with 0 however much it finds, and with 2 only from --fail-on up', async () => {
    expect(await detect()).toMatchObject({ code: 0 })
    expect(await detect('--fail-on', 'high')).toMatchObject({ code: 2 })
    expect(await detect('--fail-on', 'critical')).toMatchObject({ code: 0 })
    expect(await detect('--fail-on', 'info', '--to', '2026-03-01')).toMatchObject({ code: 0, out: '' })
  })

  it('prints the same findings, whatever the exit code', async () => {
    const { out } = await detect()
    expect(out).not.toBe('')
    expect((await detect('--fail-on', 'low')).out).toBe(out)
  })

  it('prints what is not compared only where that is asked for, and never fails on it', async () => {
    const lines = async (...more: string[]) =>
      (await detect('--format', 'ndjson', ...more)).out.split('\n').length - 1
    expect(await lines()).toBe(1)
    expect(await lines('--uncompared')).toBe(2)
    const without = file(
      'log/b.json',
      JSON.stringify(record('ModifyInstanceAttribute', { instanceId: 'i-1', x: 1 })),
    )
    const args = ['detect', '--state', inputs[1]!, '--events', without, '--uncompared', '--fail-on', 'info']
    expect(await run(args)).toMatchObject({ code: 0 })
  })

  it('prints signals and fails on them, also on those about calls that are not compared', async () => {
    const findings = withoutCall.map((finding) => JSON.stringify(finding)).join('\n')
    const events = file('falco.ndjson', `${findings}\n${findings}\n`)
    const args = ['detect', '--state', inputs[1]!, '--events', events, '--format', 'ndjson']
    const { out, err } = await run(args)
    const alerts = out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
    expect(alerts.map(({ type, resource, severity }) => [type, resource, severity])).toEqual([
      ['signal', null, 'low'],
      ['signal', null, 'medium'],
      ['signal', null, 'high'],
      ['signal', null, 'critical'],
    ])
    expect(err).toContain('4 duplicates\n4 alerts\n')
    expect(await run([...args, '--fail-on', 'critical'])).toMatchObject({ code: 2 })
  })

  it('takes none as the only word on rules', async () => {
    const { code, err } = await run(['detect', ...inputs, '--rules', 'none', 'my-rules'])
    expect([code, err]).toEqual([1, expect.stringContaining('none stands alone')])
  })

  it('exits with 1 where an input cannot be read, and 2 does not hide that', async () => {
    const { code, err, out } = await detect('--fail-on', 'high', '--events', path.join(folder, 'none.json'))
    expect(code).toBe(1)
    expect(err).toContain('none.json')
    expect(out).not.toBe('')
    const broken = file('broken.tfstate', '{"version": 9}')
    expect(await detect('--state', broken)).toMatchObject({
      code: 1,
      err: expect.stringContaining('broken.tfstate'),
    })
  })

  it.each([
    [['--format', 'xml'], '--format xml: choose one of text, '],
    [['--format', 'constructor'], '--format constructor: choose one of text, '],
    [['--fail-on', 'severe'], 'Choose one of critical, high, medium, low, info.'],
    [['--from', 'yesterday'], 'Write it as 2026-03-01T10:00:00Z.'],
    [['--to', '2026'], 'Write it as 2026-03-01T10:00:00Z.'],
    [['--from', '2026-13-01T10:00:00Z'], 'Write it as 2026-03-01T10:00:00Z.'],
  ])('refuses %j, and says what would do', async (args, message) => {
    const { code, out, err } = await detect(...args)
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toContain(message)
  })

  it('refuses rules with faults, each with its place', async () => {
    const rules = path.dirname(file('rules/a.yaml', 'rules:\n  - id: x\n    severity: severe\n'))
    const { code, out, err } = await run(['detect', ...inputs, '--rules', rules])
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toMatch(/a\.yaml:3:\d+ .*severity/)
  })

  it('is in colour on a terminal, unless that is not wanted', async () => {
    const colour = '\u001b['
    const all = ['detect', ...inputs, '--rules', 'none']
    expect((await run(all, {}, true)).out).toContain(colour)
    expect((await run(all, { NO_COLOR: '' }, true)).out).toContain(colour)
    expect((await run(all, { NO_COLOR: '1' }, true)).out).not.toContain(colour)
    expect((await run([...all, '--no-color'], {}, true)).out).not.toContain(colour)
    expect((await run(all, {}, false)).out).not.toContain(colour)
  })
})

describe('validate', () => {
  it('says that all is well', async () => {
    const config = file('good.yaml', 'http: { port: 8081 }\n')
    expect(await run(['validate', '--config', config])).toMatchObject({
      code: 0,
      err: expect.not.stringMatching(/^(?!warning: )./m),
      out: expect.stringMatching(/good\.yaml: ok\n\d+ rules: ok\n$/),
    })
    expect(await run(['validate'], { TFDRIFT_CONFIG: config })).toMatchObject({ code: 0 })
  })

  it('prints each fault with file, line, column, field and fix', async () => {
    const config = file('bad.yaml', 'http:\n  prot: 8080\nlog: { level: loud }\n')
    const { code, out, err } = await run(['validate', '--config', config])
    expect(code).toBe(1)
    expect(out).not.toContain('bad.yaml: ok')
    const lines = err.trim().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/bad\.yaml:2:3 http\.prot: .+; did you mean port\?/)
    expect(lines[1]).toMatch(/bad\.yaml:3:\d+ log\.level: .+; .+/)
  })

  it('checks rules, of the configuration or alone', async () => {
    const rules = path.dirname(file('faulty-rules/a.yaml', 'rules:\n  - id: x\n    severty: high\n'))
    const config = file('with-rules.yaml', `rules: ['${rules}']\n`)
    for (const args of [
      ['--rules', rules],
      ['--config', config],
    ]) {
      const { code, err } = await run(['validate', ...args])
      expect(code).toBe(1)
      expect(err).toMatch(/a\.yaml:3:\d+ .*severty/)
    }
  })
})

describe('a command on the log, while no service runs', () => {
  let config = ''
  beforeAll(() => {
    config = file('log.yaml', `dataDir: '${path.join(folder, 'data')}'\nbus: { partitions: 1 }\n`)
  })
  const onLog = (...args: string[]) => run([...args, '--config', config])
  const lines = (out: string) =>
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)

  it('opens it by itself, and prints its results as lines of JSON', async () => {
    const created = await onLog('topics', 'create')
    expect(created).toMatchObject({ code: 0, err: '' })
    expect(lines(created.out)).toContainEqual({ topic: 'tfdrift.alerts', partitions: 1, cleanup: 'delete' })
    const listed = lines((await onLog('topics', 'list')).out)
    expect(listed).toHaveLength(topology.length)
    expect(listed[0]).toMatchObject({ topic: 'tfdrift.raw-events', exists: true, records: 0 })
    expect(listed[0]).not.toHaveProperty('offsets')
    expect(lines((await onLog('topics', 'describe', 'alerts')).out)).toMatchObject([
      { topic: 'tfdrift.alerts', offsets: [{ partition: 0, low: 0, high: 0 }] },
    ])
  })

  it('says what it did not find', async () => {
    await onLog('topics', 'create')
    expect(await onLog('state', 'show', 'aws_vpc.main')).toEqual({
      code: 1,
      out: '',
      err: 'no state holds aws_vpc.main; tfdrift state list shows what they hold\n',
    })
    expect(await onLog('tap', 'coffee')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^tfdrift: no topic coffee; choose one of raw-events, /),
    })
    expect(await onLog('replay', '--from', '2026-03-01', '--dry-run')).toEqual({
      code: 0,
      out: '',
      err: 'nothing would differ\n',
    })
  })
})

describe('replay', () => {
  it.each([
    [
      ['--from', 'earliest', '--to', '2026-03-01'],
      '--to: an offset reset has no end; use it with --dry-run\n',
    ],
    [['--from', '5', '--dry-run'], '--from: with --dry-run, give a time or earliest\n'],
    [['--from', 'latest', '--dry-run'], '--from: with --dry-run, give a time or earliest\n'],
    [['--from', 'earliest', '--rules', 'mine'], '--rules: use it with --dry-run\n'],
    [['--dry-run', '--format', 'json'], '--format: use it with --rules; '],
    [['--dry-run', '--rules', '/nowhere'], 'rules: cannot read the folder /nowhere (ENOENT)'],
    [['--from', 'soon'], 'Write earliest, an offset, or a time such as 2026-03-01T10:00:00Z.'],
    [[], '--from: say where: earliest, an offset, or a time; or add --dry-run\n'],
  ])('refuses %j', async (args, message) => {
    const { code, out, err } = await run(['replay', ...args])
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toContain(message)
  })
})
