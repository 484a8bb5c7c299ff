import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { labelledCase } from '../../../cli/mappings/case-format.ts'
import { readCases } from '../../../cli/mappings/read-cases.ts'
import { read } from '../../house/source.ts'

let root = ''
let folders = 0
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'tfdrift-cases-'))
})
afterAll(() => rmSync(root, { recursive: true }))

function folderOf(files: Record<string, string>): string {
  const folder = path.join(root, `${folders++}`)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.join(folder, path.dirname(file)), { recursive: true })
    writeFileSync(path.join(folder, file), text)
  }
  return folder
}

function casesOf(text: string, file = 'aws/ec2.yaml') {
  return readCases(folderOf({ [file]: text }))
}

const START = `
- name: one
  cite: https://example.com
  event: { eventSource: ec2.amazonaws.com, eventName: A }
`

describe('a case', () => {
  it('has its provider, service and author of its file, whose other cases come behind it', () => {
    const quiet = `${START}  expect: []\n`
    const folder = folderOf({
      'gcp/compute.yaml': quiet,
      'aws/ec2.blind.yaml': `${quiet}${quiet.replace('one', 'two')}`,
      'README.md': '',
    })
    expect(
      readCases(folder).map(({ file, provider, service, blind, name }) => [
        file,
        provider,
        service,
        blind,
        name,
      ]),
    ).toEqual([
      ['aws/ec2.blind.yaml', 'aws', 'ec2', true, 'one'],
      ['aws/ec2.blind.yaml', 'aws', 'ec2', true, 'two'],
      ['gcp/compute.yaml', 'gcp', 'compute', false, 'one'],
    ])
  })

  it('has states as Terraform writes them: of short rows, as they are, several, or one that is empty', () => {
    const row = 'aws_vpc.main: { id: vpc-1 }'
    const raw = '[{ mode: data, type: aws_vpc }]'
    const states = (text: string) => casesOf(`${START}${text}  expect: []\n`)[0]!.states
    const resource = {
      mode: 'managed',
      type: 'aws_vpc',
      name: 'main',
      provider: 'provider["registry.terraform.io/hashicorp/aws"]',
      instances: [{ schema_version: 0, attributes: { id: 'vpc-1' } }],
    }
    expect(states('')).toEqual([[]])
    expect(states(`  state: { ${row} }\n`)).toEqual([[resource]])
    expect(states(`  states: [{ ${row} }, ${raw}]\n`)).toEqual([
      [resource],
      [{ mode: 'data', type: 'aws_vpc' }],
    ])
  })

  it('has the ids that it had the last time, and no other case has them', () => {
    const two = START.replace('event: ', 'events: [').replace('}', '}, { eventName: B }]')
    const text = `${two}  expect: []\n${two.replace('one', 'two')}  expect: []\n`
    const ids = casesOf(text).flatMap(({ events }) => events.map(({ eventID }) => eventID))
    expect(new Set(ids).size).toBe(4)
    expect(ids[0]).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/)
    expect(casesOf(text).flatMap(({ events }) => events.map(({ eventID }) => eventID))).toEqual(ids)
  })

  it('of AWS is a whole record, with what it writes in the place of what is filled in', () => {
    const [iam, s3, own] = casesOf(
      ['iam', 's3', 'ec2']
        .map((service) => `${START}  expect: []\n`.replace('ec2', service).replace('one', service))
        .join('')
        .replace('ec2.amazonaws.com,', 'ec2.amazonaws.com, awsRegion: us-west-2, readOnly: null,'),
    )
    expect(iam!.events[0]).toMatchObject({
      eventSource: 'iam.amazonaws.com',
      eventTime: '2026-03-02T10:15:30Z',
      awsRegion: 'us-east-1',
      recipientAccountId: '123456789012',
      readOnly: false,
      responseElements: null,
      userIdentity: { userName: 'ines.moreau' },
    })
    expect(s3!.events[0]).toMatchObject({ awsRegion: 'eu-west-1' })
    expect(own!.events[0]).toMatchObject({ awsRegion: 'us-west-2', readOnly: null })
  })

  it('of Google is a whole entry, filled in to the caller and what they call with', () => {
    const log = '{ serviceName: a, requestMetadata: { callerIp: 198.51.100.7 } }'
    const [one] = casesOf(
      `- { name: a, cite: "model: a", event: { protoPayload: ${log} }, expect: [] }`,
      'gcp/a.yaml',
    )
    expect(one!.events[0]).toMatchObject({
      insertId: expect.stringMatching(/^[\da-f]{14}$/),
      logName: 'projects/acme-prod/logs/cloudaudit.googleapis.com%2Factivity',
      protoPayload: {
        '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
        serviceName: 'a',
        authenticationInfo: { principalEmail: 'ines@acme.example' },
        requestMetadata: {
          callerIp: '198.51.100.7',
          callerSuppliedUserAgent: expect.stringContaining('gcloud'),
        },
      },
    })
  })

  it('of Azure is a whole record of a success', () => {
    const [one] = casesOf(
      '- { name: a, cite: "record: a", event: { resourceId: /a }, expect: [] }',
      'azure/a.yaml',
    )
    expect(one!.events[0]).toMatchObject({
      time: '2026-03-02T10:15:30.1234567Z',
      resourceId: '/a',
      resultType: 'Success',
      category: 'Administrative',
    })
  })
})

describe('a fault names the file, the case, the field and the fix', () => {
  const fault = (text: string) => () => casesOf(text)
  const expects = (text: string) => fault(`${START}  expect: [${text}]\n`)

  it.each([
    ['no citation', START.replace('https:', ''), 'cite: cites nothing; write a URL, record: … or model: …'],
    ['no expectation', START, 'expect: missing; write a list'],
    ['a misspelt field', `${START}  expekt: []\n`, 'expekt: unknown key; did you mean expect?'],
    [
      'no event',
      `${START.replace('event:', 'why: a #')}  expect: []`,
      'event: one of event and events; write one',
    ],
    [
      'two states',
      `${START}  state: {}\n  states: [{}]\n  expect: []`,
      'state: state stands beside states; write one',
    ],
    [
      'a state key',
      `${START}  state: { a.b: {} }\n  expect: []`,
      'state: has an address that is not TYPE.NAME; write',
    ],
    [
      'a reason',
      `${START}  expect: []\n  reason: asdeclared`,
      'reason: not one of the choices; did you mean as-declared?',
    ],
  ])('%s', (_, text, message) => {
    expect(fault(text)).toThrow('/aws/ec2.yaml:')
    expect(fault(text)).toThrow(`"one" ${message}`)
  })

  it.each([
    [
      'a diff of one side',
      '{ resource: a_b.c, diffs: { x: [1] } }',
      'diffs.x: must be [old, new] or hidden; null',
    ],
    ['a drift without diffs', '{ resource: a_b.c }', 'diffs: missing; write ATTRIBUTE: [old, new]'],
    [
      'a drift of a type',
      '{ resource: a_b, diffs: { x: [1, 2] } }',
      'resource: names no resource of the state; write',
    ],
    [
      'an address',
      '{ resource: a_b.c, type: unmanaged_resource }',
      'resource: an unmanaged resource has no address;',
    ],
    [
      'a deletion with diffs',
      '{ resource: a_b.c, type: resource_deleted, diffs: { x: [1, 2] } }',
      'diffs: only attribute_drift has them; drop them',
    ],
    [
      'another type',
      '{ resource: a, type: drift }',
      'type: not one of the choices; choose one of attribute_drift',
    ],
  ])('%s', (_, text, message) => {
    expect(expects(text)).toThrow(`"one" expect[0].${message}`)
  })

  it('where two have one name, in the line of the second', () => {
    const twice = `${START}  expect: []\n${START}  expect: []\n`
    expect(fault(twice)).toThrow(
      /ec2\.yaml:7:3 "one" name: another case has this name; say what is different/,
    )
  })

  it('and all faults of all files come at once', () => {
    const folder = folderOf({ 'aws/a.yaml': START, 'aws/b.yaml': '{}', 'aws/c.yaml': '- [', 'aws.yaml': '' })
    const lines = [
      /aws\.yaml: is no file of cases; name it aws\|gcp\|azure\/SERVICE\.yaml/,
      /a\.yaml:2:3 "one" expect: missing/,
      /b\.yaml:1:1: must be a list of cases; see mappings\/cases\/README\.md/,
      /c\.yaml:1:\d: not YAML: /,
    ]
    for (const line of lines) expect(() => readCases(folder)).toThrow(line)
  })
})

it('the cases of mappings/cases/README.md have the form that it describes', () => {
  const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(read('mappings/cases/README.md')) ?? []
  const cases = parse(text) as unknown[]
  expect(cases).toHaveLength(3)
  for (const one of cases) expect(labelledCase.safeParse(one).error?.issues ?? []).toEqual([])
})
