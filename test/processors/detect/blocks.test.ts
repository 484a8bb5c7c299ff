import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import { alerts, call, judge, mapped, row } from '../../support/detect.ts'

const service = mapped(`
types:
  test_bucket: { names: [name], kinds: { steps: list, parts: blocks, policies: blocks } }
calls:
  PutRules:
    - update: test_bucket
      id: name
      attributes: { Rules: rule }
      elements:
        Rules:
          id: ID
          enabled: { value: Enabled, default: true }
          secret: Secret
          methods: "Method[]"
          expiration: { each: Expiration, fields: { days: Days } }
  PutSteps:
    - update: test_bucket
      id: name
      attributes: { steps: steps }
      elements: { steps: { name: name } }
  PutParts:
    - update: test_bucket
      id: name
      attributes: { parts: parts }
      elements:
        parts:
          name: Name
          on: { value: Status, translate: { Enabled: true, Disabled: false } }
          prefix: Prefix | And.Prefix
          tags: { pairs: And.Tag | Tag }
          password: Secret
  PutPolicies:
    - update: test_bucket
      id: name
      attributes: { policies: policies }
      elements: { policies: { cold: toCold, warm: toWarm } }
  SetParameters:
    - update: test_bucket
      id: name
      upserts:
        parameters: { attribute: parameter, key: name, fields: { name: parameterName, value: parameterValue } }
  ResetParameters:
    - update: test_bucket
      id: name
      drops:
        parameters: { attribute: parameter, key: name, fields: { name: parameterName } }
`)

const rule = {
  id: 'a',
  enabled: true,
  methods: ['GET', 'PUT'],
  expiration: [{ days: 3, date: '' }],
  computed: 'x',
}
const bucket = row('test_bucket', {
  id: 'b-1',
  name: 'b',
  rule: [rule],
  steps: [{ name: 'one' }, { name: 'two' }],
  parts: [{ name: 'p', on: true, prefix: 'in/', tags: { Size: '8' }, password: '', computed: 1 }],
  policies: [
    { cold: '30 days', warm: '' },
    { cold: '', warm: 'at once' },
  ],
  parameter: [
    { name: 'size', value: '8', apply: 'now' },
    { name: 'mode', value: 'ON', apply: 'now' },
  ],
})
const apiRule = { ID: 'a', Method: ['PUT', 'GET'], Expiration: { Days: 3 } }
const found = (name: string, request: JsonObject) =>
  alerts(call('test', name, { name: 'b', ...request }), [bucket], service).flatMap(({ diffs }) => diffs)
const reason = (name: string, request: JsonObject) => {
  const verdict = judge(call('test', name, { name: 'b', ...request }), [bucket], service)
  return typeof verdict === 'string' ? verdict : verdict.reason
}

describe('blocks that a call sets as a whole', () => {
  it.each([
    ['as they are, in another order, with a default left out', [apiRule]],
    ['as a bare object, as CloudTrail writes a list of one', apiRule],
    ['as texts', { ...apiRule, Expiration: { Days: '3' } }],
  ])('are as declared: %s', (_, Rules) => {
    expect(reason('PutRules', { Rules })).toBe('as-declared')
  })

  it('tell which went and which came, without what the provider computes', () => {
    const changed = { ...apiRule, Expiration: { Days: 9 } }
    expect(found('PutRules', { Rules: [changed] })).toMatchObject([
      {
        attribute: 'rule',
        oldValue: JSON.stringify([
          { id: 'a', enabled: true, methods: ['GET', 'PUT'], expiration: [{ days: 3 }] },
        ]),
        newValue: JSON.stringify([
          { id: 'a', enabled: true, methods: ['GET', 'PUT'], expiration: [{ days: 9 }] },
        ]),
      },
    ])
  })

  it('show none of their values where one of them is a secret', () => {
    expect(
      found('PutRules', { Rules: [{ ...apiRule, Secret: 'HIDDEN_DUE_TO_SECURITY_REASONS' }] }),
    ).toMatchObject([{ attribute: 'rule', sensitive: true, oldValue: null, newValue: null }])
  })

  it('have an order where the type says so', () => {
    expect(reason('PutSteps', { steps: [{ name: 'one' }, { name: 'two' }] })).toBe('as-declared')
    expect(found('PutSteps', { steps: [{ name: 'two' }, { name: 'one' }] })).toMatchObject([
      { attribute: 'steps' },
    ])
  })

  it('are told by their place where one alone has changed', () => {
    expect(found('PutPolicies', { policies: [{ toWarm: 'at once' }, { toCold: '7 days' }] })).toMatchObject([
      { attribute: 'policies[0].cold', oldValue: '"30 days"', newValue: '"7 days"' },
    ])
    expect(found('PutPolicies', { policies: [{ toWarm: 'later', toCold: '1 day' }] })).toMatchObject([
      { attribute: 'policies' },
    ])
    expect(reason('PutPolicies', { policies: [{ toWarm: 'at once' }, { toCold: '30 days' }] })).toBe(
      'as-declared',
    )
  })

  it('do not change with the order in which they are written', () => {
    const rules = [apiRule, { ID: 'b', Enabled: false }, { ID: 'c', Method: 'GET' }]
    const order = fc.shuffledSubarray(rules, { minLength: rules.length })
    const told = (Rules: JsonObject[]) => found('PutRules', { Rules })
    fc.assert(
      fc.property(order, (shuffled) => {
        expect(told(shuffled)).toEqual(told(rules))
      }),
    )
  })
})

describe('blocks of a list that is no set', () => {
  const part = (more: JsonObject) => ({ parts: { Name: 'p', Status: 'Enabled', ...more } })
  const inAnd = { And: { Prefix: 'in/', Tag: { Key: 'Size', Value: 8 } } }

  it('are as declared, wherever their values stand and whatever the API calls them', () => {
    expect(reason('PutParts', part(inAnd))).toBe('as-declared')
    expect(reason('PutParts', part({ Prefix: 'in/', Tag: [{ Key: 'Size', Value: '8' }] }))).toBe(
      'as-declared',
    )
  })

  it('tell the smallest parts that differ', () => {
    const request = part({ Status: 'Disabled', Prefix: 'out/', Tag: { Key: 'Size', Value: 9 } })
    expect(found('PutParts', request)).toMatchObject([
      { attribute: 'parts[0].on', oldValue: 'true', newValue: 'false' },
      { attribute: 'parts[0].prefix', oldValue: '"in/"', newValue: '"out/"' },
      { attribute: 'parts[0].tags.Size', oldValue: '"8"', newValue: '"9"' },
    ])
  })

  it('show no secret, but what stands beside it', () => {
    expect(found('PutParts', part({ ...inAnd, Secret: 's3cr3t', Status: 'Disabled' }))).toMatchObject([
      { attribute: 'parts[0].on', sensitive: false },
      { attribute: 'parts[0].password', oldValue: null, newValue: null, sensitive: true },
    ])
  })
})

describe('blocks that a call names by their key', () => {
  it('are written, and the others stay', () => {
    expect(reason('SetParameters', { parameters: [{ parameterName: 'mode', parameterValue: 'ON' }] })).toBe(
      'as-declared',
    )
    expect(
      found('SetParameters', { parameters: [{ parameterName: 'size', parameterValue: 9 }] }),
    ).toMatchObject([
      {
        attribute: 'parameter',
        oldValue: '[{"name":"size","value":"8"}]',
        newValue: '[{"name":"size","value":9}]',
      },
    ])
    expect(found('SetParameters', { parameters: [{ parameterName: 'mode' }] })).toEqual([])
    expect(
      found('SetParameters', { parameters: [{ parameterName: 'new', parameterValue: 1 }] }),
    ).toMatchObject([{ attribute: 'parameter', changeType: 'added', oldValue: null }])
  })

  it('are taken away, if they are there', () => {
    expect(found('ResetParameters', { parameters: [{ parameterName: 'size' }] })).toMatchObject([
      { attribute: 'parameter', changeType: 'removed', oldValue: '[{"name":"size"}]' },
    ])
    expect(reason('ResetParameters', { parameters: [{ parameterName: 'other' }] })).toBe('as-declared')
  })
})

describe('links to resources of Google within blocks', () => {
  it('are their paths', () => {
    const path = 'projects/p/zones/z/instanceGroups/g'
    const state = row('test_bucket', {
      id: 'b-2',
      name: 'links',
      rule: [{ id: `https://www.googleapis.com/compute/v1/${path}`, enabled: true }],
    })
    const written = (ID: string) =>
      alerts(call('test', 'PutRules', { name: 'links', Rules: [{ ID }] }), [state], service)
    expect(written(path)).toEqual([])
    expect(written(path.replace('/p/', '/q/'))).toHaveLength(1)
  })
})
