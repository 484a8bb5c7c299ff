import { describe, expect, it } from 'vitest'
import { loadRules } from '../../../processors/rules/load.ts'

function errorsOf(text: string) {
  return loadRules([{ path: 'my.yaml', text }]).errors
}

function withRule(lines: string): string {
  return `rules:\n${lines}`
}

const good = `  - id: a
    name: A
    resource_types: [aws_instance]
    conditions: [{ attribute: tags, operator: changed }]
    severity: high
`

describe('loadRules', () => {
  it('reads a rule with its defaults and its file', () => {
    const { rules, errors } = loadRules([{ path: 'my.yaml', text: withRule(good) }])
    expect(errors).toEqual([])
    expect(rules).toEqual([
      {
        id: 'a',
        name: 'A',
        resource_types: ['aws_instance'],
        conditions: [{ attribute: 'tags', operator: 'changed' }],
        severity: 'high',
        filters: [],
        actions: [],
        remediation: [],
        references: [],
        file: 'my.yaml',
      },
    ])
  })

  it('reads every part of the format', () => {
    const rule = `${good}    description: why
    types: [unmanaged_resource, resource_deleted, attribute_drift]
    events: [Delete*]
    filters:
      - user_identity: { type: A, principal_id: B, principal_email: C, arn: D, role: E, source_ip: F, tool: G }
        action: skip
      - { user_identity: { tool: terraform }, action: severity, value: low }
    actions:
      - { type: alert, channels: [slack] }
      - { type: alert }
      - { type: create_ticket, system: jira }
      - { type: audit_log }
    remediation: [look]
    runbook: https://wiki.example.com
`
    expect(errorsOf(withRule(rule))).toEqual([])
  })

  it('points at an unknown key and suggests the right one, beside the missing one', () => {
    const text = withRule(good.replace('severity:', 'severty:'))
    expect(errorsOf(text)).toEqual([
      {
        file: 'my.yaml',
        line: 2,
        column: 5,
        field: 'rules[0].severity',
        message: 'is missing',
        fix: 'add "severity:", one of critical, high, medium, low, info',
      },
      {
        file: 'my.yaml',
        line: 6,
        column: 5,
        field: 'rules[0].severty',
        message: 'unknown key "severty"',
        fix: 'did you mean "severity"?',
      },
    ])
  })

  it.each([
    ['severity: hihg', 6, 15, 'rules[0].severity', '"hihg" is not known here', 'did you mean "high"?'],
    [
      'severity: 7',
      6,
      15,
      'rules[0].severity',
      '7 is not known here',
      'use one of critical, high, medium, low, info',
    ],
    ['severity:', 6, 14, 'rules[0].severity', 'is empty', 'use one of critical, high, medium, low, info'],
  ])('points at a value that is not allowed: %s', (line, at, column, field, message, fix) => {
    const [error] = errorsOf(withRule(good.replace('severity: high', line)))
    expect(error).toEqual({ file: 'my.yaml', line: at, column, field, message, fix })
  })

  it.each([
    ['operator: chaged', 'operator', '"chaged" is not known here', 'did you mean "changed"?'],
    ['operator: changed, frm: 1', 'frm', 'unknown key "frm"', 'did you mean "from"?'],
    [
      'operator: changed, value: 1',
      'value',
      'unknown key "value"',
      'use one of attribute, operator, from, to',
    ],
    ['operator: equals', 'value', 'is missing', 'give it a value'],
    [
      'value: 1',
      'operator',
      'is missing',
      expect.stringContaining('add "operator:", one of changed, added, removed, equals'),
    ],
  ])('points into a condition: %s', (rest, key, message, fix) => {
    const [error, ...others] = errorsOf(withRule(good.replace('operator: changed', rest)))
    expect(error).toMatchObject({ line: 5, field: `rules[0].conditions[0].${key}`, message, fix })
    expect(others).toEqual([])
  })

  it.each([
    ['any: []', 'any', 'is empty', 'name at least one condition'],
    [
      'any: [{ attribute: a, operator: chnged }]',
      'any[0].operator',
      '"chnged" is not known here',
      '"changed"',
    ],
    ['all: [{ not: { attribute: a } }]', 'all[0].not.operator', 'is missing', 'one of changed'],
    ['not: { attribute: a, operator: exists, valu: 1 }', 'not.valu', 'unknown key "valu"', '"value"'],
    ['not: { attribute: a, operator: changed }, of: old', 'of', 'unknown key "of"', 'not'],
    ['attribute: a, operator: gt, value: many', 'value', 'is a text', 'write a number'],
    ['attribute: a, operator: in, value: x', 'value', 'is a text', 'write a list'],
    ['attribute: a, operator: exists, value: 1', 'value', 'is the number 1', 'write true or false'],
    ['attribute: a, operator: glob, value: 7', 'value', 'is the number 7', 'a text, or a list of texts'],
    [
      'attribute: a, operator: matches, value: "(a"',
      'value',
      'is not acceptable',
      'regular expression of RE2',
    ],
    [
      'attribute: a, operator: matches, value: "(a)\\\\1"',
      'value',
      'is not acceptable',
      'no back-references',
    ],
    ['attribute: a, operator: cidr_contains, value: 10.0.0.0/33', 'value', 'is not acceptable', '10.0.0.0/8'],
    [
      'attribute: a, operator: equals, value: 1, of: odl',
      'of',
      '"odl" is not known here',
      'use one of old, new',
    ],
  ])('points into conditions of conditions, and at arguments: %s', (rest, key, message, fix) => {
    const [error, ...others] = errorsOf(withRule(good.replace('attribute: tags, operator: changed', rest)))
    expect(error).toMatchObject({
      line: 5,
      field: `rules[0].conditions[0].${key}`,
      message,
      fix: expect.stringContaining(fix),
    })
    expect(others).toEqual([])
  })

  it.each([
    ['expect: match', 'event', 'write one of event and events'],
    ['event: { a: 1 }, events: [{ a: 1 }], expect: match', 'event', 'write one of event and events'],
    ['event: { a: 1 }, state: {}, states: [{}], expect: match', 'state', 'write one of state and states'],
    ['event: { a: 1 }, expect: no-match, severity: low', 'severity', 'leave it out, or write expect: match'],
    ['event: { a: 1 }, expect: match, reason: failed', 'reason', 'leave it out, or write expect: no-match'],
  ])('points into a test: %s', (lines, key, fix) => {
    const errors = errorsOf(withRule(`${good}    tests: [{ name: it, ${lines} }]\n`))
    expect(errors).toMatchObject([{ line: 7, field: `rules[0].tests[0].${key}`, fix }])
  })

  it.each([
    ['resource_types: []', 'rules[0].resource_types', 'is empty'],
    ['resource_types: aws_instance', 'rules[0].resource_types', 'is a text'],
    ['resource_types: [7]', 'rules[0].resource_types[0]', 'is the number 7'],
    ['resource_types: {a: 1}', 'rules[0].resource_types', 'is keys and values'],
  ])('says what is there instead: %s', (line, field, message) => {
    const [error] = errorsOf(withRule(good.replace('resource_types: [aws_instance]', line)))
    expect(error).toMatchObject({ line: 4, field, message, fix: expect.stringMatching(/\w/) })
  })

  it('says how a reference is written', () => {
    expect(errorsOf(withRule(`${good}    references: [ATT&CK 1562]\n`))).toEqual([
      expect.objectContaining({
        line: 7,
        field: 'rules[0].references[0]',
        message: 'is not acceptable',
        fix: 'write "ATT&CK T1562.008", "CIS AWS 3.0.0 3.1" or an https:// address',
      }),
    ])
  })

  it('refuses a rule that would match every change', () => {
    const text = withRule(good.replace(/ {4}conditions.*\n/, ''))
    expect(errorsOf(text)).toEqual([
      expect.objectContaining({
        field: 'rules[0]',
        fix: expect.stringContaining('add conditions, events or types'),
      }),
    ])
  })

  const ofSignals = `  - id: s
    name: S
    types: [signal]
    events: [Terminal shell*]
    tags: [mitre_*]
    priority: warning
    severity: high
`

  it('reads a rule for signals, which names no resource types', () => {
    const { rules, errors } = loadRules([{ path: 'my.yaml', text: withRule(ofSignals) }])
    expect(errors).toEqual([])
    expect(rules).toMatchObject([{ types: ['signal'], tags: ['mitre_*'], priority: 'warning' }])
    expect(rules[0]!.resource_types).toBeUndefined()
  })

  it.each([
    ['resource_types: ["*"]', ofSignals, 'resource_types', 'a signal names no resource'],
    [
      'conditions: [{ attribute: a, operator: changed }]',
      ofSignals,
      'conditions',
      'use events, tags and priority',
    ],
    ['tags: [x]', good, 'tags', 'add types: [signal]'],
    ['priority: alert', good, 'priority', 'add types: [signal]'],
  ])('refuses %s where it means nothing', (line, rule, key, fix) => {
    expect(errorsOf(withRule(`${rule}    ${line}\n`))).toEqual([
      expect.objectContaining({
        field: `rules[0].${key}`,
        message: 'is not acceptable',
        fix: expect.stringContaining(fix),
      }),
    ])
  })

  it('refuses a rule for signals and resources at once', () => {
    const text = withRule(ofSignals.replace('[signal]', '[signal, resource_deleted]'))
    expect(errorsOf(text)).toEqual([
      expect.objectContaining({
        line: 4,
        field: 'rules[0].types',
        fix: 'write a rule of its own for signals',
      }),
    ])
  })

  it('asks for the types of resources where a rule is not for signals', () => {
    expect(errorsOf(withRule(good.replace(/ {4}resource_types.*\n/, '')))).toEqual([
      expect.objectContaining({
        field: 'rules[0].resource_types',
        message: 'is missing',
        fix: 'add "resource_types:"',
      }),
    ])
  })

  it("suggests Falco's priorities as rules write them", () => {
    expect(errorsOf(withRule(ofSignals.replace('priority: warning', 'priority: Warning')))).toEqual([
      expect.objectContaining({ field: 'rules[0].priority', fix: 'did you mean "warning"?' }),
    ])
  })

  it('refuses a filter that skips by the user agent alone', () => {
    const text = withRule(
      `${good}    filters: [{ user_identity: { type: X, tool: terraform }, action: skip }]\n`,
    )
    expect(errorsOf(text)).toEqual([
      expect.objectContaining({
        line: 7,
        field: 'rules[0].filters[0].user_identity.tool',
        fix: expect.stringContaining('role'),
      }),
    ])
  })

  it('refuses a filter that would fit everybody', () => {
    const text = withRule(`${good}    filters: [{ user_identity: {}, action: skip }]\n`)
    expect(errorsOf(text)).toEqual([expect.objectContaining({ field: 'rules[0].filters[0].user_identity' })])
  })

  it('refuses an id that is taken, also in another file, and says by which', () => {
    const files = ['a.yaml', 'b.yaml'].map((path) => ({ path, text: withRule(good) }))
    const { rules, errors } = loadRules(files)
    expect(rules.map(({ file }) => file)).toEqual(['a.yaml'])
    expect(errors).toEqual([
      {
        file: 'b.yaml',
        line: 2,
        column: 9,
        field: 'rules[0].id',
        message: 'the id "a" is taken already, at a.yaml:2',
        fix: 'give each rule an id of its own',
      },
    ])
  })

  it('lets a rule take the place of the shipped one with its id, but not the other way', () => {
    const mine = { path: 'mine.yaml', text: withRule(good.replace('high', 'low')) }
    const shipped = { path: 'pack.yaml', text: withRule(good), shipped: true as const }
    const { rules, errors } = loadRules([shipped, mine])
    expect(errors).toEqual([])
    expect(rules.map(({ file, severity }) => [file, severity])).toEqual([['mine.yaml', 'low']])
    expect(loadRules([shipped, { ...shipped, path: 'other.yaml' }]).errors).toHaveLength(1)
    expect(loadRules([shipped, mine, { ...mine, path: 'b.yaml' }]).errors).toMatchObject([
      { file: 'b.yaml', message: 'the id "a" is taken already, at mine.yaml:2' },
    ])
  })

  it('keeps the good rules of a file that has a bad one', () => {
    const text = withRule(`  - id: bad\n${good}`)
    const { rules, errors } = loadRules([{ path: 'my.yaml', text }])
    expect(rules.map(({ id }) => id)).toEqual(['a'])
    expect(errors.length).toBeGreaterThan(0)
  })

  it.each([
    ['', 'holds no rules'],
    ['- a', 'holds no rules'],
    ['rules: 7', 'must be a list'],
    ['ruls: []', 'unknown key "ruls"'],
    ['rules:\n  - "a', 'not valid YAML'],
    ['rules: []\nrules: []', 'not valid YAML'],
    ['rules:\n\t- id: a', 'not valid YAML'],
  ])('says what is wrong with the file as a whole: %j', (text, message) => {
    const [error] = errorsOf(text)
    expect(error).toMatchObject({ file: 'my.yaml', message: expect.stringContaining(message) })
    expect(error!.line).toBeGreaterThan(0)
    expect(error!.column).toBeGreaterThan(0)
    expect(error!.fix).toMatch(/\w/)
  })

  it('does not expand a bomb of aliases', () => {
    const levels = ['b', 'c', 'd', 'e'].map((name, depth) => {
      const inner = 'abcd'[depth]
      return `${name}: &${name} [${Array(9).fill(`*${inner}`).join(', ')}]`
    })
    const text = ['a: &a x', ...levels, 'rules: [*e]'].join('\n')
    expect(errorsOf(text).map(({ message }) => message)).toContainEqual(
      expect.stringContaining('cannot be read'),
    )
  })
})
