import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import { normalize } from '../../../processors/normalize/normalize.ts'
import { alerts, call, judge, mapped, row } from '../../support/detect.ts'
import { aRawEvent } from '../../support/raw-event.ts'

/** What CloudTrail writes in the place of a field that is too long. */
const omitted = { omitted: true }

const service = mapped(`
types:
  test_db: { names: [name], kinds: { logs: set, policy: policy } }
  test_db_policy: { names: [db], kinds: { policy: policy } }
calls:
  Modify:
    - update: test_db
      id: name
      attributes: { size: size, environment.variables: variables, policy: policy, access.block: block }
      defaults: { access.block: false }
      adds: { logs.enable: logs }
      takes: { logs.disable: logs }
  PutPolicy:
    - { put: test_db_policy, id: name, attributes: { policy: policy } }
  Tag:
    - { tag: test_db, id: name, tags: tags }
  Untag:
    - { untag: test_db, id: name, tags: tags }
`)

const arn = 'arn:aws:test:eu-west-1:123456789012:db/orders'
const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
const db = row('test_db', {
  id: 'db-1',
  arn,
  name: 'orders',
  size: 8,
  variables: { STAGE: 'live' },
  policy,
  block: true,
  logs: ['audit'],
  tags: { Env: 'live' },
})
const dbPolicy = row('test_db_policy', { id: 'p-1', db: 'orders', policy })

const hidden = (attribute: string) => ({
  attribute,
  oldValue: null,
  newValue: null,
  changeType: 'modified',
  sensitive: true,
})

describe('a parameter that CloudTrail has left out', () => {
  it.each<[string, string, JsonObject, string[]]>([
    ['a value', 'Modify', { size: omitted }, ['size']],
    [
      'a map, of which nothing is said to be gone',
      'Modify',
      { environment: { variables: omitted } },
      ['variables'],
    ],
    [
      'a map of which a part is there',
      'Modify',
      { environment: { variables: { STAGE: 'x', ...omitted } } },
      ['variables'],
    ],
    ['what holds a value', 'Modify', { environment: omitted }, ['variables']],
    ['what holds a value that has a default', 'Modify', { access: omitted }, ['block']],
    ['a policy', 'Modify', { policy: omitted }, ['policy']],
    ['elements to add', 'Modify', { logs: { enable: omitted } }, ['logs']],
    ['elements to take away', 'Modify', { logs: { disable: omitted } }, ['logs']],
    ['the policy of a child', 'PutPolicy', { policy: omitted }, ['policy']],
  ])('has changed, nobody knows to what: %s', (_, name, request, attributes) => {
    const found = alerts(call('test', name, { name: 'orders', ...request }), [db, dbPolicy], service)
    expect(found).toMatchObject([{ type: 'attribute_drift', diffs: attributes.map(hidden) }])
  })

  it('does not hide the others', () => {
    const [found] = alerts(
      call('test', 'Modify', { name: 'orders', size: 16, policy: omitted }),
      [db],
      service,
    )
    expect(found!.diffs).toMatchObject([hidden('policy'), { attribute: 'size', newValue: '16' }])
  })

  it.each(['Tag', 'Untag'])('makes %s a change that is not compared, and takes no tag away', (name) => {
    const found = alerts(call('test', name, { name: 'orders', tags: omitted }), [db], service)
    expect(found).toMatchObject([{ type: 'attribute_drift', compared: false, diffs: [] }])
  })
})

it.each(['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress'])(
  'rules that are left out of %s are a change of the group that is not compared',
  (name) => {
    const group = row('aws_security_group', { id: 'sg-1', ingress: [{ from_port: 22, to_port: 22 }] })
    const found = alerts(call('ec2', name, { groupId: 'sg-1', ipPermissions: omitted }), [group])
    expect(found).toMatchObject([{ type: 'attribute_drift', compared: false, diffs: [] }])
  },
)

/** A whole request that was too long, as it comes from CloudTrail. */
function tooLong(name: string, record: object = {}) {
  const raw = aRawEvent({ service: 'test.amazonaws.com', name, request: omitted, record })
  const normalized = normalize(raw)
  if (typeof normalized === 'string') throw new Error(normalized)
  return normalized
}

describe('parameters that CloudTrail has left out as a whole', () => {
  it.each([
    ['Modify', 'the record lists', { resources: [{ ARN: arn, type: 'AWS::Test::Db' }] }, 'test_db'],
    ['Modify', 'the answer names', { responseElements: { name: 'orders' } }, 'test_db'],
    ['PutPolicy', 'the record lists', { resources: [{ ARN: arn }] }, 'test_db_policy'],
  ])('of %s change the resource that %s, in a way that is not compared', (name, _, record, type) => {
    const found = alerts(tooLong(name, record), [db, dbPolicy], service)
    expect(found).toMatchObject([{ type: 'attribute_drift', compared: false, diffs: [], resource: { type } }])
  })

  it('are one finding, though the resource is named twice', () => {
    const record = { resources: [{ ARN: arn }, { ARN: arn }], responseElements: { name: 'orders' } }
    expect(alerts(tooLong('Modify', record), [db], service)).toHaveLength(1)
  })

  it('say nothing of a resource that no state holds', () => {
    expect(judge(tooLong('Modify', { resources: [{ ARN: arn }] }), [], service)).toMatchObject({
      findings: [],
      reason: 'unmanaged',
    })
  })

  it('are counted as such where the record names no resource', () => {
    expect(judge(tooLong('Modify'), [db], service)).toBe('left-out')
  })
})
