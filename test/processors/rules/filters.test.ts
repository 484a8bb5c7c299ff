import { describe, expect, it } from 'vitest'
import { createMatcher } from '../../../processors/match.ts'
import { loadRules } from '../../../processors/rules/load.ts'
import type { Actor } from '../../../schemas/types.ts'
import { aCall, aFinding, anActor, aRule, aSignalFinding } from '../a-finding.ts'

/** The severity with which a rule of severity high matches, with these filters; null where they skip it. */
function judged(filters: string, { actor = {}, time }: { actor?: Partial<Actor>; time?: string } = {}) {
  const at = time === undefined ? {} : { time: Date.parse(time) }
  const finding = aFinding({ call: aCall({ actor: anActor(actor), ...at }) })
  const { matchedRules } = createMatcher([aRule(`severity: high\nfilters: [${filters}]`)])(finding)
  return matchedRules[0]?.severity ?? null
}

const skip = (identity: string) => `{ user_identity: { ${identity} }, action: skip }`

describe('a filter by identity', () => {
  it.each<[string, Partial<Actor>, string, string]>([
    ['type', { type: 'AssumedRole' }, 'AssumedRole', 'IAMUser'],
    ['type', { type: 'AssumedRole' }, 'Assumed*', '*User'],
    ['principal_id', { principalId: 'AIDAIABCTERRAFORM' }, 'AIDAI***TERRAFORM', 'AIDAI***TERRAFOR'],
    ['principal_id', { principalId: 'AIDAITERRAFORM' }, 'AIDAI***TERRAFORM', 'AIDAIX***TERRAFORM'],
    ['principal_id', { principalId: 'AROA1:run-7' }, 'AROA1', 'run-7'],
    [
      'principal_email',
      { email: 'ci@prod-terraform.iam.gserviceaccount.com' },
      '*@*-terraform.iam.gserviceaccount.com',
      '*@terraform.iam.gserviceaccount.com',
    ],
    ['principal_email', { email: 'a@example.com' }, '***@example.com', '*@example.org'],
    [
      'arn',
      { arn: 'arn:aws:sts::1:assumed-role/ci/run' },
      'arn:aws:sts::*:assumed-role/ci/***',
      'arn:aws:iam::*',
    ],
    ['role', { sessionIssuer: 'arn:aws:iam::1:role/path/terraform-prod' }, 'terraform-*', 'path*'],
    [
      'role',
      { sessionIssuer: 'arn:aws:iam::1:role/path/terraform-prod' },
      'arn:aws:iam::1:role/***',
      'arn:aws:iam::2:*',
    ],
    ['source_ip', { sourceIp: '10.1.2.3' }, '10.1.*', '10.2.*'],
    ['source_ip', { sourceIp: '10.1.2.3' }, '***.3', '*.4'],
  ])('%s of %o is like %s, not like %s', (property, actor, pattern, other) => {
    expect(judged(skip(`${property}: "${pattern}"`), { actor })).toBeNull()
    expect(judged(skip(`${property}: "${other}"`), { actor })).toBe('high')
  })

  it('looks at the tool with a principal beside it, as a glob too', () => {
    const actor = { tool: 'terraform', arn: 'arn:aws:iam::1:user/ci' } as const
    expect(judged(skip('tool: "terra***", arn: "*:user/ci"'), { actor })).toBeNull()
    expect(judged(skip('tool: "terra*", arn: "*:user/cd"'), { actor })).toBe('high')
    expect(judged(skip('tool: console, arn: "*:user/ci"'), { actor })).toBe('high')
  })

  it('fits nobody whose property is not known', () => {
    expect(judged(skip('principal_id: "*"'), { actor: { principalId: null } })).toBe('high')
    expect(judged(skip('role: "***"'), { actor: { sessionIssuer: null } })).toBe('high')
  })

  it('changes the severity; the first that fits decides', () => {
    const lower = '{ user_identity: { type: IAMUser }, action: severity, value: low }'
    expect(judged(`${skip('type: Root')}, ${lower}, ${skip('type: IAMUser')}`)).toBe('low')
    expect(judged(`${skip('type: IAMUser')}, ${lower}`)).toBeNull()
  })
})

describe('a filter by time', () => {
  const office = 'time_window: { days: [mon-fri], from: 09:00, to: 17:00, timezone: Europe/Berlin }'

  it("goes by the event's own time", () => {
    expect(judged(`{ ${office}, action: skip }`, { time: '2026-03-02T08:00:00Z' })).toBeNull()
    expect(judged(`{ ${office}, action: skip }`, { time: '2026-03-02T07:59:59Z' })).toBe('high')
  })

  it('changes the severity', () => {
    const filter = `{ ${office}, action: severity, value: info }`
    expect(judged(filter, { time: '2026-03-02T08:00:00Z' })).toBe('info')
    expect(judged(filter, { time: '2026-03-01T08:00:00Z' })).toBe('high')
  })

  it('with an identity needs both to fit', () => {
    const filter = `{ ${office}, user_identity: { tool: terraform }, action: skip }`
    const time = '2026-03-02T08:00:00Z'
    expect(judged(filter, { time, actor: { tool: 'terraform' } })).toBeNull()
    expect(judged(filter, { time, actor: { tool: 'console' } })).toBe('high')
    expect(judged(filter, { time: '2026-03-01T08:00:00Z', actor: { tool: 'terraform' } })).toBe('high')
  })

  it('holds for signals too', () => {
    const rule = 'types: [signal]\nevents: ["*"]\nseverity: high'
    const text = `rules:\n  - id: s\n    name: S\n${rule.replaceAll(/^/gm, '    ')}\n    filters: [{ ${office}, action: skip }]\n`
    const { rules, errors } = loadRules([{ path: 's.yaml', text }])
    expect(errors).toEqual([])
    const ids = (time: string) => {
      const signal = aSignalFinding()
      const call = { ...signal.call, time: Date.parse(time) }
      return createMatcher(rules)({ ...signal, call }).rules.map(({ id }) => id)
    }
    expect(ids('2026-03-02T08:00:00Z')).toEqual([])
    expect(ids('2026-03-02T18:00:00Z')).toEqual(['s'])
  })
})

describe('a faulty filter is pointed at', () => {
  it.each([
    ['{ action: skip }', 'filters[0]', 7, 15, 'add user_identity or time_window'],
    ['{ action: severity, value: low }', 'filters[0]', 7, 15, 'add user_identity or time_window'],
    [
      '{ time_window: { days: [mon-frid] }, action: skip }',
      'filters[0].time_window.days[0]',
      7,
      39,
      'write days such as mon, or mon-fri',
    ],
    [
      '{ time_window: { from: 9h }, action: skip }',
      'filters[0].time_window.from',
      7,
      38,
      'write a time such as "09:00"',
    ],
    [
      '{ time_window: { form: "09:00" }, action: skip }',
      'filters[0].time_window.form',
      7,
      32,
      'did you mean "from"?',
    ],
    [
      '{ time_window: { days: [mon], timezone: Berlin }, action: skip }',
      'filters[0].time_window.timezone',
      7,
      55,
      'write a name such as Europe/Berlin, or UTC',
    ],
    [
      '{ user_identity: { princpal_id: x }, action: skip }',
      'filters[0].user_identity.princpal_id',
      7,
      34,
      'did you mean "principal_id"?',
    ],
    [
      '{ user_identity: { tool: cli }, action: skip }',
      'filters[0].user_identity.tool',
      7,
      40,
      'callers choose their user agent: add principal_id, principal_email, arn, role, source_ip or a time_window',
    ],
    ['{ user_identity: { type: x }, action: skp }', 'filters[0].action', 7, 53, 'did you mean "skip"?'],
  ])('%s', (filter, field, line, column, fix) => {
    const text = `rules:
  - id: a
    name: A
    resource_types: [aws_instance]
    conditions: [{ attribute: tags, operator: changed }]
    severity: high
    filters: [${filter}]
`
    expect(loadRules([{ path: 'my.yaml', text }]).errors).toContainEqual(
      expect.objectContaining({ file: 'my.yaml', line, column, field: `rules[0].${field}`, fix }),
    )
  })
})
