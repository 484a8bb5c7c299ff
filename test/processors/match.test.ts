import { describe, expect, it } from 'vitest'
import type { ResourceFinding } from '../../processors/finding.ts'
import { createMatcher } from '../../processors/match.ts'
import type { Priority } from '../../schemas/priorities.ts'
import type { AlertType } from '../../schemas/types.ts'
import { aCall, aDiff, aFinding, anActor, aRow, aRule, aSecretDiff, aSignalFinding } from './a-finding.ts'

function matches(lines: string, finding: Partial<ResourceFinding> = {}): boolean {
  return createMatcher([aRule(lines)])(aFinding(finding)).rules.length === 1
}

function condition(attribute: string, rest: string): string {
  return `conditions: [{ attribute: "${attribute}", operator: ${rest} }]`
}

describe('severity', () => {
  const unmatched = (finding: Partial<ResourceFinding>, severities = {}) =>
    createMatcher([], { severities })(aFinding(finding)).severity

  it.each<[AlertType, string]>([
    ['attribute_drift', 'info'],
    ['unmanaged_resource', 'medium'],
    ['resource_deleted', 'high'],
  ])('of an unmatched %s is %s', (type, severity) => {
    expect(unmatched({ type })).toBe(severity)
  })

  it('of an unmatched finding can be configured, except where nothing was compared', () => {
    expect(unmatched({}, { attribute_drift: 'low' })).toBe('low')
    expect(unmatched({ compared: false, diffs: [] }, { attribute_drift: 'low' })).toBe('info')
  })

  it.each<[Priority, string]>([
    ['emergency', 'critical'],
    ['alert', 'critical'],
    ['critical', 'critical'],
    ['error', 'high'],
    ['warning', 'medium'],
    ['notice', 'low'],
    ['informational', 'info'],
    ['debug', 'info'],
  ])('of an unmatched signal of priority %s is %s, unless configured', (priority, severity) => {
    const signal = aSignalFinding({ priority })
    expect(createMatcher([])(signal).severity).toBe(severity)
    expect(createMatcher([], { severities: { signal: 'priority' } })(signal).severity).toBe(severity)
    expect(createMatcher([], { severities: { signal: 'high' } })(signal).severity).toBe('high')
  })

  it('is the highest of the matched rules, which are sorted by it and by id', () => {
    const rules = [
      aRule('severity: low', 'z'),
      aRule('severity: critical', 'b'),
      aRule('severity: critical', 'a'),
      aRule('severity: medium\nresource_types: [aws_s3_bucket]', 'other'),
    ]
    const match = createMatcher(rules)(aFinding())
    expect(match.severity).toBe('critical')
    expect(match.matchedRules).toEqual([
      { id: 'a', name: 'Rule a', severity: 'critical' },
      { id: 'b', name: 'Rule b', severity: 'critical' },
      { id: 'z', name: 'Rule z', severity: 'low' },
    ])
    expect(match.rules.map(({ id }) => id)).toEqual(['a', 'b', 'z'])
  })
})

describe('channels', () => {
  it('are those of the matched rules, each once, most severe rule first', () => {
    const rules = [
      aRule('severity: low\nactions: [{ type: alert, channels: [email, slack] }]', 'a'),
      aRule('actions: [{ type: alert, channels: [slack, pagerduty] }, { type: audit_log }]', 'b'),
    ]
    const sinks = ['slack', 'email'].map((kind) => ({ name: kind, kind }))
    expect(createMatcher(rules, { sinks })(aFinding())).toMatchObject({
      channels: ['slack', 'email'],
      pendingChannels: ['pagerduty', 'audit_log'],
    })
    expect(createMatcher([], { sinks })(aFinding())).toMatchObject({ channels: [], pendingChannels: [] })
  })
})

describe('the runbook', () => {
  const runbooks = [
    { template: 'https://wiki.example.com/{rule_id}' },
    { template: 'https://wiki.example.com' },
  ]
  const runbookOf = (...rules: Parameters<typeof createMatcher>[0]) =>
    createMatcher(rules, { runbooks })(aFinding()).runbookUrl

  it('is that of the most severe rule that names one', () => {
    const rule = aRule('severity: low\nrunbook: https://low', 'z')
    expect(runbookOf(aRule('severity: critical', 'a'), rule)).toBe('https://low')
  })

  it('is else made by the template, for the most severe rule', () => {
    expect(runbookOf(aRule('severity: low', 'a'), aRule('severity: high', 'b'))).toBe(
      'https://wiki.example.com/b',
    )
    expect(runbookOf()).toBe('https://wiki.example.com')
    expect(createMatcher([])(aFinding()).runbookUrl).toBeNull()
  })
})

describe('resource types', () => {
  it.each([
    ['[aws_instance]', true],
    ['["aws_*"]', true],
    ['["*"]', true],
    ['[aws_s3_bucket, aws_instance]', true],
    ['["aws_instance_*"]', false],
    ['[aws_instances]', false],
  ])('%s: %s', (types, expected) => {
    expect(matches(`resource_types: ${types}`)).toBe(expected)
  })
})

describe('changed', () => {
  it.each([
    ['tags', 'tags.Env', true],
    ['tags.Env', 'tags.Env', true],
    ['tags.Env', 'tags', false],
    ['tags', 'tags_all.Env', false],
    ['metadata_options', 'metadata_options[0].http_tokens', true],
    ['metadata_options[0].http_tokens', 'metadata_options[0].http_tokens', true],
    ['metadata_options.http_tokens', 'metadata_options[0].http_tokens', true],
    ['metadata_options[1].http_tokens', 'metadata_options[0].http_tokens', false],
  ])('on %s sees a diff of %s: %s', (attribute, path, expected) => {
    expect(matches(condition(attribute, 'changed'), { diffs: [aDiff(path, 'a', 'b')] })).toBe(expected)
  })

  it.each([
    ['allowed', { allow: ['allowed'] }, 'allow', true],
    ['allowed', { deny: ['allowed'] }, 'allow', false],
    ['labels', { terraform_labels: ['labels'] }, 'terraform_labels.env', true],
    ['labels.env', { terraform_labels: ['labels'] }, 'terraform_labels.env', true],
    ['disableApiTermination', { allow: ['allowed', 'disableApiTermination'] }, 'allow', true],
    [
      'metadataOptions',
      { 'metadata_options[0].http_tokens': ['metadataOptions.httpTokens'] },
      'metadata_options[0].http_tokens',
      true,
    ],
  ])("on the API's name %s, with %j, sees a diff of %s: %s", (attribute, apiNames, path, expected) => {
    expect(matches(condition(attribute, 'changed'), { diffs: [aDiff(path, 'a', 'b')], apiNames })).toBe(
      expected,
    )
  })

  it.each([
    ['from: true, to: false', true, false, true],
    ['from: true, to: false', 'true', 'false', true],
    ['from: "true"', true, false, true],
    ['from: false', undefined, true, true],
    ['to: null', 'x', undefined, true],
    ['to: 512', 128, '512', true],
    ['from: 1', 2, 1, false],
  ])('with %s on %j -> %j: %s', (args, before, after, expected) => {
    expect(matches(condition('x', `changed, ${args}`), { diffs: [aDiff('x', before, after)] })).toBe(expected)
  })

  it('sees that a sensitive value changed, but not from what to what', () => {
    const leaky = { ...aSecretDiff, oldValue: '"a"', newValue: '"b"' }
    expect(matches(condition('password', 'changed'), { diffs: [aSecretDiff] })).toBe(true)
    for (const diff of [aSecretDiff, leaky]) {
      for (const args of ['to: b', 'from: a', 'to: null']) {
        expect(matches(condition('password', `changed, ${args}`), { diffs: [diff] })).toBe(false)
      }
    }
  })
})

describe('equals', () => {
  const equals = (attribute: string, value: string, finding: Partial<ResourceFinding>) =>
    matches(condition(attribute, `equals, value: ${value}`), finding)

  it('looks at the state where the event left the attribute alone', () => {
    expect(equals('monitoring', 'true', { row: aRow({ monitoring: true }) })).toBe(true)
    expect(equals('monitoring', 'true', { row: aRow({ monitoring: false }) })).toBe(false)
    expect(equals('monitoring', 'null', { row: aRow({}) })).toBe(true)
  })

  it('looks at the new value where the event changed it', () => {
    const finding = { row: aRow({ x: 'old' }), diffs: [aDiff('x', 'old', 'new')] }
    expect(equals('x', 'new', finding)).toBe(true)
    expect(equals('x', 'old', finding)).toBe(false)
  })

  it('does not take an outdated value of the state for the current one', () => {
    const removed = { row: aRow({ tags: { Env: 'a' } }), diffs: [aDiff('tags', { Env: 'a' })] }
    expect(equals('tags.Env', 'a', removed)).toBe(false)
    const part = { row: aRow({ tags: { Env: 'a' } }), diffs: [aDiff('tags.Env', 'a', 'b')] }
    expect(equals('tags', '{ Env: a }', part)).toBe(false)
  })

  it('finds tags and labels that the provider adds', () => {
    expect(equals('tags.Env', 'a', { row: aRow({ tags: { Other: 'x' }, tags_all: { Env: 'a' } }) })).toBe(
      true,
    )
    expect(equals('tags.Env', 'a', { row: aRow({ tags: null, tags_all: { Env: 'a' } }) })).toBe(true)
    expect(equals('labels.env', 'a', { row: aRow({ effective_labels: { env: 'a' } }) })).toBe(true)
    expect(equals('tags.Env', 'a', { row: aRow({ tags: { Env: 'b' }, tags_all: { Env: 'a' } }) })).toBe(false)
  })

  it('knows nothing of a resource that no state holds, nor of a hashed or sensitive value', () => {
    expect(equals('x', 'null', { row: null, diffs: [] })).toBe(false)
    expect(equals('x', '"hmac-sha256:abc"', { row: aRow({ x: 'hmac-sha256:abc' }) })).toBe(false)
    expect(equals('password', 'null', { diffs: [aSecretDiff] })).toBe(false)
  })
})

describe('conditions', () => {
  it('must all hold', () => {
    const both = 'conditions: [{ attribute: a, operator: changed }, { attribute: b, operator: changed }]'
    expect(matches(both, { diffs: [aDiff('a', 1, 2), aDiff('b', 1, 2)] })).toBe(true)
    expect(matches(both, { diffs: [aDiff('a', 1, 2)] })).toBe(false)
  })
})

describe('types and events', () => {
  const deleted = {
    type: 'resource_deleted' as const,
    diffs: [],
    call: aCall({ name: 'TerminateInstances' }),
  }

  it('without types a rule judges attribute drift only', () => {
    expect(matches('events: ["*"]')).toBe(true)
    expect(matches('events: ["*"]', deleted)).toBe(false)
  })

  it('types name what else a rule judges', () => {
    expect(matches('types: [resource_deleted, unmanaged_resource]', deleted)).toBe(true)
    expect(matches('types: [resource_deleted, unmanaged_resource]')).toBe(false)
  })

  it('events narrow a rule to API calls', () => {
    expect(matches('types: [resource_deleted]\nevents: [TerminateInstances]', deleted)).toBe(true)
    expect(matches('types: [resource_deleted]\nevents: ["Delete*"]', deleted)).toBe(false)
  })

  it('an event may be named as the cloud writes it', () => {
    const call = aCall({ name: 'UpdateFunctionCode' })
    const dated = { ...call, sourceEvent: { ...call.sourceEvent, name: 'UpdateFunctionCode20150331v2' } }
    expect(matches('events: [UpdateFunctionCode]', { call: dated })).toBe(true)
    expect(matches('events: [UpdateFunctionCode20150331v2]', { call: dated })).toBe(true)
  })

  it('a change that was not compared is judged only by a rule that names its event', () => {
    const uncompared = { compared: false, diffs: [], row: aRow({ x: 1 }) }
    expect(matches('types: [attribute_drift]', uncompared)).toBe(false)
    expect(matches(condition('x', 'equals, value: 1'), uncompared)).toBe(false)
    expect(matches('events: [ModifyInstanceAttribute]', uncompared)).toBe(true)
  })
})

describe('filters', () => {
  const skips = (identity: string, actor: object) =>
    !matches(`filters: [{ user_identity: ${identity}, action: skip }]`, {
      call: aCall({ actor: anActor(actor) }),
    })
  const role = 'arn:aws:iam::123456789012:role/ci/terraform-prod'

  it.each([
    ['{ type: IAMUser }', {}, true],
    ['{ type: Root }', {}, false],
    ['{ principal_id: AIDAEXAMPLE }', {}, true],
    ['{ principal_id: "AIDA*" }', {}, true],
    ['{ principal_id: AROA1 }', { principalId: 'AROA1:alice' }, true],
    ['{ principal_id: "AROA1:bob" }', { principalId: 'AROA1:alice' }, false],
    ['{ principal_id: "*" }', { principalId: null }, false],
    ['{ principal_email: "*@example.com" }', { email: 'a@example.com' }, true],
    ['{ principal_email: "*@example.com" }', {}, false],
    ['{ arn: "arn:aws:iam::123456789012:user/*" }', {}, true],
    ['{ role: terraform-* }', { sessionIssuer: role }, true],
    ['{ role: "arn:aws:iam::*:role/ci/*" }', { sessionIssuer: role }, true],
    ['{ role: terraform }', { sessionIssuer: role }, false],
    ['{ source_ip: 203.0.113.* }', {}, true],
    ['{ type: IAMUser, role: terraform-* }', {}, false],
    ['{ tool: cli, source_ip: 203.0.113.10 }', {}, true],
    ['{ tool: terraform, source_ip: 203.0.113.10 }', {}, false],
  ])('%s skips %j: %s', (identity, actor, expected) => {
    expect(skips(identity, actor)).toBe(expected)
  })

  it('the first that fits decides, also on the severity', () => {
    const rule = aRule(`severity: critical
filters:
  - { user_identity: { type: Root }, action: skip }
  - { user_identity: { tool: cli }, action: severity, value: low }
  - { user_identity: { type: IAMUser }, action: skip }`)
    const match = createMatcher([rule])(aFinding())
    expect(match.severity).toBe('low')
    expect(match.matchedRules).toEqual([{ id: 'r1', name: 'Rule r1', severity: 'low' }])
  })
})

describe('a rule for signals', () => {
  const selects = (lines: string, signal: Parameters<typeof aSignalFinding>[0] = {}) =>
    createMatcher([aRule(`types: [signal]\n${lines}`)])(aSignalFinding(signal)).rules.length === 1

  it.each([
    ['', {}, true],
    ['events: ["Terminal shell in container"]', {}, true],
    ['events: ["Terminal shell*"]', {}, true],
    ['events: ["Read sensitive file*"]', {}, false],
    ['tags: [container]', {}, true],
    ['tags: [network, mitre_*]', {}, true],
    ['tags: [contain]', {}, false],
    ['tags: ["*"]', { tags: [] }, false],
    ['priority: warning', {}, true],
    ['priority: notice', {}, true],
    ['priority: error', {}, false],
    ['priority: debug', { priority: 'debug' }, true],
    ['priority: emergency', { priority: 'emergency' }, true],
    ['priority: emergency', { priority: 'alert' }, false],
    ['events: ["Terminal*"]\ntags: [container]\npriority: warning', {}, true],
    ['events: ["Terminal*"]\ntags: [network]\npriority: warning', {}, false],
  ] as const)('with %j selects %j: %s', (lines, signal, expected) => {
    expect(selects(lines, { ...signal } as Parameters<typeof aSignalFinding>[0])).toBe(expected)
  })

  it('decides the severity, also downwards', () => {
    const rule = aRule('types: [signal]\npriority: notice\nseverity: low')
    const match = createMatcher([rule])(aSignalFinding({ priority: 'critical' }))
    expect(match).toMatchObject({ severity: 'low', matchedRules: [{ id: 'r1' }] })
  })

  it('selects a signal that tells too little of a call, too', () => {
    expect(selects('tags: [container]', { tooLittle: true })).toBe(true)
  })

  it('heeds its filters', () => {
    const filters = 'filters: [{ user_identity: { source_ip: 203.0.113.10 }, action: skip }]'
    expect(selects(filters)).toBe(false)
    expect(selects(filters, { actor: anActor({ sourceIp: null }) })).toBe(true)
  })

  it('never fires on a resource', () => {
    const rule = aRule('types: [signal]\nevents: ["*"]')
    for (const type of ['attribute_drift', 'unmanaged_resource', 'resource_deleted'] as const) {
      expect(createMatcher([rule])(aFinding({ type })).rules).toEqual([])
    }
  })
})

it('a rule for resources never fires on a signal, however wide it is', () => {
  const rules = [
    'resource_types: ["*"]\nevents: ["*"]',
    'resource_types: ["*"]\ntypes: [attribute_drift, unmanaged_resource, resource_deleted]',
  ].map((lines, at) => aRule(lines, `r${at}`))
  for (const tooLittle of [false, true]) {
    expect(createMatcher(rules)(aSignalFinding({ tooLittle })).rules).toEqual([])
  }
})

describe('of a resource that no state holds', () => {
  const made = {
    type: 'unmanaged_resource' as const,
    row: null,
    diffs: [],
    made: { role: 'roles/owner' },
  }
  const unmanaged = (lines: string) => `types: [unmanaged_resource]\n${lines}`

  it('conditions look at what the call that made it has set, and know nothing else', () => {
    expect(matches(unmanaged(condition('role', 'added')), made)).toBe(true)
    expect(matches(unmanaged(condition('role', 'equals, value: roles/owner')), made)).toBe(true)
    expect(matches(unmanaged(condition('role', 'not_in, value: [roles/viewer]')), made)).toBe(true)
    expect(matches(unmanaged(condition('role', 'equals, value: roles/viewer')), made)).toBe(false)
    expect(matches(unmanaged(condition('member', 'not_equals, value: x')), made)).toBe(false)
    expect(matches(unmanaged(condition('member', 'exists, value: false')), made)).toBe(false)
  })
})
