import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runProgram } from '../../../cli/program.ts'
import { testIo } from '../../support/test-io.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-rules-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function tfdrift(...args: string[]) {
  const io = testIo()
  const code = await runProgram(args, io)
  return { code, out: io.out().replaceAll(folder, ''), err: io.err().replaceAll(folder, '') }
}

function write(file: string, ...rules: string[]): void {
  writeFileSync(path.join(folder, file), `rules:\n${rules.join('')}`)
}

const resized = (to: string) =>
  `{ eventSource: ec2.amazonaws.com, eventName: ModifyInstanceAttribute, requestParameters: { instanceId: i-1, instanceType: { value: ${to} } } }`

/** A rule on big instances, with these tests. */
function big(...tests: string[]): string {
  return `  - id: big
    name: Instance Made Big
    resource_types: [aws_instance]
    conditions: [{ attribute: instance_type, operator: glob, value: "*large" }]
    severity: high
    filters: [{ user_identity: { principal_email: "*" }, action: severity, value: low }]
    tests:
${tests.map((one) => `      - { ${one} }\n`).join('')}`
}

const state = 'state: { aws_instance.web: { id: i-1, instance_type: t3.micro } }'
const good = [
  `name: large, event: ${resized('t3.large')}, ${state}, expect: match, severity: high`,
  `name: small, event: ${resized('t3.small')}, ${state}, expect: no-match`,
  `name: as declared, event: ${resized('t3.micro')}, ${state}, expect: no-match, reason: as-declared`,
  `name: by hand, events: [${resized('t3.small')}, ${resized('t3.xlarge')}], states: [{ aws_instance.web: { id: i-1, instance_type: t3.micro } }], expect: match`,
]

describe('tfdrift rules test', () => {
  it('runs the tests of a folder of rules, which stand beside no other rule', async () => {
    write('mine.yaml', big(...good))
    const { code, out, err } = await tfdrift('rules', 'test', '--rules', folder)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^ +rules +match +no match +failed\n\/mine.yaml +1 +2 +2 +0\n$/)
  })

  it.each([
    [
      'match',
      't3.small',
      '',
      'does not match: attribute_drift aws_instance.web instance_type "t3.micro" → "t3.small"',
    ],
    ['match', 't3.large', ', severity: low', 'matches as high, not as low'],
    ['no-match', 't3.large', '', 'matches: attribute_drift aws_instance.web instance_type'],
    ['no-match', 't3.micro', '', 'proves nothing: no alert (as-declared); if that is meant, write reason:'],
    ['no-match', 't3.small', ', reason: as-declared', 'is not quiet as as-declared: attribute_drift'],
    ['no-match', 't3.micro', ', reason: unmapped', 'is not quiet as unmapped: no alert (as-declared)'],
  ])('tells what is wrong where %s is expected of a resize to %s%s', async (expected, to, more, fault) => {
    write('mine.yaml', big(`name: it, event: ${resized(to)}, ${state}, expect: ${expected}${more}`))
    const { code, out } = await tfdrift('rules', 'test', '--rules', folder)
    expect(code).toBe(1)
    expect(out).toContain(`FAILED  /mine.yaml: big: it\n        ${fault}`)
    expect(out).toMatch(/\/mine.yaml +1 .* 1\n$/)
  })

  it('fails a test in which the expression of the rule cannot be evaluated', async () => {
    const expression = (text: string) =>
      big(`name: it, event: ${resized('t3.small')}, ${state}, expect: no-match`).replace(
        /conditions: .*/,
        `expression: '${text}'`,
      )
    write('mine.yaml', expression('attributes.monitoring'))
    const { code, out } = await tfdrift('rules', 'test', '--rules', folder)
    expect(code).toBe(1)
    expect(out).toContain(
      'big: it\n        its expression cannot be evaluated: No such key: monitoring; ask has(…) first\n',
    )
    write('mine.yaml', expression('has(attributes.monitoring) && attributes.monitoring'))
    expect(await tfdrift('rules', 'test', '--rules', folder)).toMatchObject({ code: 0 })
  })

  it('fails a test whose record cannot be read', async () => {
    write(
      'mine.yaml',
      big(`name: it, event: { eventName: RunInstances, eventTime: never }, expect: no-match`),
    )
    expect(await tfdrift('rules', 'test', '--rules', folder)).toMatchObject({
      code: 1,
      out: expect.stringContaining('cannot be read: '),
    })
  })

  it('fills in the records of every cloud, and of Falco', async () => {
    write(
      'clouds.yaml',
      `  - id: shell
    name: Shell
    types: [signal]
    events: [Terminal shell*]
    priority: warning
    severity: high
    tests:
      - { name: a shell, event: { rule: Terminal shell in container }, expect: match, severity: high }
      - { name: a notice, event: { rule: Terminal shell in container, priority: Notice }, expect: no-match }
`,
      `  - id: nsg
    name: Network Security Group Deleted
    types: [resource_deleted]
    resource_types: [azurerm_network_security_group]
    severity: high
    tests:
      - name: by hand
        event:
          operationName: MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/DELETE
          resourceId: &id /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/web
        state: { azurerm_network_security_group.web: { id: *id, name: web } }
        expect: match
`,
    )
    expect(await tfdrift('rules', 'test', '--rules', folder)).toMatchObject({ code: 0, err: '' })
  })

  it('names rules without tests, and fails where there is nothing to run', async () => {
    const untested =
      '  - { id: bare, name: Bare, resource_types: [aws_vpc], types: [resource_deleted], severity: low }\n'
    write('mine.yaml', big(...good), untested)
    expect(await tfdrift('rules', 'test', '--rules', folder)).toMatchObject({
      code: 0,
      err: 'without tests: bare\n',
    })
    expect(await tfdrift('rules', 'test', 'bare', '--rules', folder)).toMatchObject({
      code: 1,
      err: 'none of 1 rules has tests; see rules/README.md\n',
    })
  })

  it('tells programs the same', async () => {
    write('mine.yaml', big(...good, `name: it, event: ${resized('t3.small')}, ${state}, expect: match`))
    const { code, out } = await tfdrift('rules', 'test', '--rules', folder, '--format', 'json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toEqual({
      rules: 1,
      tests: 5,
      untested: [],
      failures: [
        { file: '/mine.yaml', rule: 'big', test: 'it', fault: expect.stringContaining('does not match') },
      ],
    })
  })
})

it('the tests of the shipped rules pass', async () => {
  const { code, out } = await tfdrift('rules', 'test')
  expect(out).not.toContain('FAILED')
  expect(code).toBe(0)
})

describe('tfdrift rules list', () => {
  it('has a line for each rule, or only for those that are asked for', async () => {
    const { out } = await tfdrift('rules', 'list')
    expect(out).toMatch(/^aws-001 +critical +EC2 Termination Protection Disabled +aws_instance .*\.yaml$/m)
    expect(out).toMatch(/^gcp-001 /m)
    const one = await tfdrift('rules', 'list', 'gcp-001')
    expect(one.out).toMatch(/^gcp-001 .*\n$/)
  })

  it('lists as JSON what programs may want, and how many tests there are', async () => {
    write('mine.yaml', big(...good))
    const { out } = await tfdrift('rules', 'list', '--rules', folder, '--format', 'json')
    expect(JSON.parse(out)).toMatchObject([
      { id: 'big', severity: 'high', conditions: [{ operator: 'glob' }], tests: 4, file: '/mine.yaml' },
    ])
  })

  it('takes the rules of a configuration', async () => {
    write('mine.yaml', big(...good))
    const file = path.join(folder, 'tfdrift.config')
    writeFileSync(file, `shippedRules: false\nrules: [${folder}]\n`)
    const { out } = await tfdrift('rules', 'list', '--config', file)
    expect(out).toMatch(/^big .*\n$/)
  })
})

it('validate points at the place of a fault in a test, and of one deep in conditions', async () => {
  write(
    'mine.yaml',
    big('name: it, event: { a: 1 }, expect: nothing').replace(
      'conditions: [',
      'conditions: [{ any: [{ not: { attribute: a, operator: matches, value: "(?=x)" } }] }, ',
    ),
  )
  const { code, err } = await tfdrift('validate', '--rules', folder)
  expect(code).toBe(1)
  expect(err).toMatch(/^\/mine.yaml:5:\d+ rules\[0\]\.conditions\[0\]\.any\[0\]\.not\.value: .*RE2/m)
  expect(err).toMatch(/^\/mine.yaml:9:\d+ rules\[0\]\.tests\[0\]\.expect: "nothing" is not known here/m)
})

describe('a rule of several events', () => {
  const at = (minute: number) => `eventTime: "2026-03-01T10:${String(minute).padStart(2, '0')}:00Z"`
  const stop = (minute: number) =>
    `{ eventSource: cloudtrail.amazonaws.com, eventName: StopLogging, requestParameters: { name: main }, ${at(minute)} }`
  const remove = (minute: number) =>
    `{ eventSource: cloudtrail.amazonaws.com, eventName: DeleteTrail, requestParameters: { name: main }, ${at(minute)} }`
  const trail = 'state: { aws_cloudtrail.main: { id: main, name: main, enable_logging: true } }'
  const chain = (...tests: string[]) => `  - id: chain
    name: Trail Stopped, Then Deleted
    pattern: { window: 15m, by: [actor, account], steps: [{ events: ["/^Stop/"] }, { events: [DeleteTrail] }] }
    severity: critical
    tests:
${tests.map((one) => `      - { ${one} }\n`).join('')}`

  it('is tested by its events, in whatever order they are written', async () => {
    write(
      'mine.yaml',
      chain(
        `name: one after the other, events: [${stop(1)}, ${remove(9)}], ${trail}, expect: match, severity: critical`,
        `name: written the other way round, events: [${remove(9)}, ${stop(1)}], ${trail}, expect: match`,
        `name: deleted first, events: [${remove(1)}, ${stop(9)}], ${trail}, expect: no-match`,
        `name: too late, events: [${stop(1)}, ${remove(16)}], ${trail}, expect: no-match`,
        `name: stopped only, event: ${stop(1)}, ${trail}, expect: no-match`,
      ),
    )
    const { code, out, err } = await tfdrift('rules', 'test', '--rules', folder)
    expect({ code, out, err }).toMatchObject({ code: 0, err: '' })
    expect((await tfdrift('rules', 'list', '--rules', folder)).out).toMatch(
      /^chain +critical +Trail Stopped, Then Deleted +within 15m by actor, account +\/mine.yaml\n$/,
    )
  })

  it('fails its test where the events do not fulfil it', async () => {
    write('mine.yaml', chain(`name: stopped only, event: ${stop(1)}, ${trail}, expect: match`))
    const { code, out } = await tfdrift('rules', 'test', '--rules', folder)
    expect(code).toBe(1)
    expect(out).toContain('does not match: attribute_drift aws_cloudtrail.main enable_logging true → false')
  })

  it('is told by detect at the start of its stretch, beside the alerts of its events', async () => {
    write('mine.yaml', chain(`name: a, event: ${stop(1)}, ${trail}, expect: no-match`))
    const record = (name: string, time: string) => ({
      eventVersion: '1.08',
      userIdentity: { type: 'IAMUser', userName: 'mallory', accountId: '123456789012' },
      eventTime: time,
      eventSource: 'cloudtrail.amazonaws.com',
      eventName: name,
      awsRegion: 'eu-west-1',
      recipientAccountId: '123456789012',
      eventID: `e-${name}`,
      requestParameters: { name: 'main' },
      readOnly: false,
      eventType: 'AwsApiCall',
    })
    const records = [
      record('DeleteTrail', '2026-03-01T10:09:00Z'),
      record('StopLogging', '2026-03-01T10:05:00Z'),
    ]
    writeFileSync(path.join(folder, 'events.json'), JSON.stringify({ Records: records }))
    const attributes = { id: 'main', name: 'main', enable_logging: true }
    const provider = 'provider["registry.terraform.io/hashicorp/aws"]'
    const resource = { mode: 'managed', type: 'aws_cloudtrail', name: 'main', provider }
    const resources = [{ ...resource, instances: [{ schema_version: 0, attributes }] }]
    const tfstate = { version: 4, serial: 1, lineage: 'l', outputs: {}, resources }
    writeFileSync(path.join(folder, 'terraform.tfstate'), JSON.stringify(tfstate))
    const files = [
      '--state',
      path.join(folder, 'terraform.tfstate'),
      '--events',
      path.join(folder, 'events.json'),
    ]
    const { out } = await tfdrift('detect', ...files, '--rules', folder, '--format', 'ndjson')
    const alerts = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(alerts.map(({ type, severity }) => `${type} ${severity}`)).toEqual([
      'signal critical',
      'attribute_drift info',
      'resource_deleted high',
    ])
    expect(alerts[0]).toMatchObject({
      message:
        '"Trail Stopped, Then Deleted" within 15m (account 123456789012, actor mallory): ' +
        'StopLogging on aws_cloudtrail.main, then DeleteTrail on aws_cloudtrail.main',
      actor: { name: 'mallory' },
      sourceEvent: { source: 'tfdrift', time: '2026-03-01T10:00:00.000Z' },
    })
  })
})
