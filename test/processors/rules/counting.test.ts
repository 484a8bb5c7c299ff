import { describe, expect, test } from 'vitest'
import { createMatcher } from '../../../processors/match.ts'
import { loadRules } from '../../../processors/rules/load.ts'
import type { Rule } from '../../../processors/rules/schema.ts'
import { countedMatchKey, toCounted } from '../../../processors/windows/counted-match.ts'
import { aCall, aFinding, anActor, aPattern, aRule, aSignalFinding } from '../a-finding.ts'

const threshold = (by: string) => `threshold: { count: 3, window: 10m, by: [${by}] }`
const counted = (rule: Rule, finding = aFinding()) => toCounted(finding, createMatcher([rule])(finding))
const keys = (by: string, finding = aFinding()) =>
  counted(aRule(threshold(by)), finding).map(({ record }) => countedMatchKey(record))

describe('a rule of several events', () => {
  test('matches no single one, but counts it', () => {
    const rule = aRule(threshold('actor'))
    const match = createMatcher([rule, aRule('', 'single')])(aFinding())
    expect(match.matchedRules.map(({ id }) => id)).toEqual(['single'])
    expect(match.counted.map(({ rule: { id } }) => id)).toEqual(['r1'])
  })

  test('does not count what its conditions or filters leave out', () => {
    const skip = 'filters: [{ user_identity: { arn: "*alice" }, action: skip }]'
    expect(counted(aRule(`${threshold('actor')}\n${skip}`))).toEqual([])
    expect(counted(aRule(threshold('actor')), aFinding({ diffs: [] }))).toEqual([])
  })

  test.each([
    ['actor', 'r1|actor=alice'],
    ['account, actor', 'r1|account=123456789012|actor=alice'],
    ['actor, account', 'r1|account=123456789012|actor=alice'],
    ['region', 'r1|region=eu-west-1'],
    ['provider', 'r1|provider=aws'],
    ['resource_type', 'r1|resource_type=aws_instance'],
    ['resource', 'r1|resource=aws/123456789012/eu-west-1/aws_instance/i-0abc'],
    ['event', 'r1|event=ModifyInstanceAttribute'],
    ['source_ip', 'r1|source_ip=203.0.113.10'],
    ['role', 'r1|role=arn:aws:iam::123456789012:user/alice'],
  ])('by %s counts under %s', (by, key) => {
    expect(keys(by)).toEqual([key])
  })

  test('does not let a name pass for another key', () => {
    const named = aFinding({ call: aCall({ actor: anActor({ name: 'alice|event=x' }) }) })
    expect(keys('actor', named)).toEqual(['r1|actor=alice%7Cevent=x'])
  })

  test('does not count what has no such key', () => {
    expect(keys('source_ip', aFinding({ call: aCall({ actor: anActor({ sourceIp: null }) }) }))).toEqual([])
  })

  test('counts anew when what it says of its matches changes, and not when its name does', () => {
    const version = (lines: string) => counted(aRule(lines))[0]!.record.version
    const plain = version(threshold('actor'))
    expect(version(`${threshold('actor')}\nrunbook: https://a.example\nseverity: low`)).toBe(plain)
    expect(version(threshold('actor').replace('10m', '11m'))).not.toBe(plain)
  })
})

describe('a pattern', () => {
  const event = (name: string, more: Parameters<typeof aFinding>[0] = {}) =>
    aFinding({ call: aCall({ name }), ...more })
  const steps = (rule: Rule, finding: ReturnType<typeof aFinding>) =>
    counted(rule, finding).map(({ record }) => record.match.steps)

  test('counts a match as each step that it may be: of whatever type, named by globs and expressions', () => {
    const rule = aPattern(
      '[{ events: ["Stop*"] }, { events: ["/^(Stop|Delete)Trail$/"] }, { types: [resource_deleted] }]',
    )
    expect(steps(rule, event('StopLogging'))).toEqual([[0]])
    expect(steps(rule, event('StopTrail'))).toEqual([[0, 1]])
    expect(steps(rule, event('DeleteTrail', { type: 'resource_deleted' }))).toEqual([[1, 2]])
    expect(steps(rule, event('DeleteTrails'))).toEqual([])
  })

  test('asks of its steps what a rule may ask', () => {
    const rule = aPattern(
      '[{ resource_types: [aws_instance], conditions: [{ attribute: disable_api_termination, operator: changed, to: false }] }, { events: [TerminateInstances] }]',
    )
    expect(steps(rule, aFinding())).toEqual([[0]])
    expect(steps(rule, aFinding({ diffs: [] }))).toEqual([])
  })

  test('puts signals and changes together', () => {
    const rule = aPattern('[{ tags: [container] }, { events: [ModifyInstanceAttribute] }]')
    const shell = aSignalFinding()
    expect(toCounted(shell, createMatcher([rule])(shell)).map(({ record }) => record.match.steps)).toEqual([
      [0],
    ])
    expect(steps(rule, aFinding())).toEqual([[1]])
  })
})

describe('a fault', () => {
  const base = 'id: r, name: R, severity: low'
  const faults = (rule: string) =>
    loadRules([{ path: 'r.yaml', text: `rules: [{ ${base}, ${rule} }]` }]).errors.map(
      ({ field, fix }) => `${field}: ${fix}`,
    )
  const many = 'resource_types: [aws_instance], events: ["*"]'
  const two = 'steps: [{ events: [a] }, { events: [b] }]'

  test.each([
    [
      `${many}, threshold: { count: 1, window: 10m, by: [actor] }`,
      'rules[0].threshold.count: write a whole number from 2 to 1000',
    ],
    [
      `${many}, threshold: { count: 5, window: 8d, by: [actor] }`,
      'rules[0].threshold.window: write a duration of at most 7d, such as 30s, 10m or 2h',
    ],
    [
      `${many}, threshold: { count: 5, window: 10m, by: [] }`,
      'rules[0].threshold.by: name at least one, such as actor',
    ],
    [
      `${many}, threshold: { count: 5, window: 10m, by: [user] }`,
      'rules[0].threshold.by[0]: use one of actor, role, account, region, provider, resource_type, resource, event, source_ip',
    ],
    [
      `${many}, pattern: { window: 1h, by: [actor], ${two} }`,
      'rules[0].resource_types: write it in the steps of the pattern',
    ],
    [
      'pattern: { window: 1h, by: [actor], steps: [{ events: [a] }] }',
      'rules[0].pattern.steps: write from 2 to 10 steps; for the same thing again and again use threshold',
    ],
    [
      'pattern: { window: 1h, by: [actor], steps: [{ events: [a] }, {}] }',
      'rules[0].pattern.steps[1]: say what the step is: events, resource_types, types or conditions',
    ],
    [
      `pattern: { window: 1h, by: [actor], ${two} }, filters: [{ user_identity: { arn: a }, action: severity, value: low }]`,
      'rules[0].filters: use action: skip; several events together have the one severity of the rule',
    ],
    [
      'resource_types: [aws_instance], events: ["/(/"]',
      'rules[0].events[0]: write a regular expression of RE2 between the slashes: no look-around, no back-references',
    ],
  ])('%s', (rule, fault) => {
    expect(faults(rule)).toContain(fault)
  })
})
