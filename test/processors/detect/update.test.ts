import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import { alerts, call, judge, mapped, row } from '../../support/detect.ts'

const service = mapped(`
types:
  test_db:
    names: [name]
    lowerCase: true
    kinds: { logs: set, data: opaque, data_base64: opaque }
  test_role: { names: [name], global: true }
  test_cluster_member: { names: [name] }
calls:
  Modify:
    - update: test_db
      id: name
      attributes:
        class: class
        size: size
        userData: data | data_base64
        access.block: block
        access.ignore: ignore
        environment.variables: environment[0].variables
      defaults: { access.block: false, access.ignore: false }
      adds: { logs.enable: logs }
      takes: { logs.disable: logs }
      hidden: { environment: "environment[0].variables" }
      ignore: [applyNow]
  ModifyAny:
    - { update: test_db, id: name, attributes: { class: class } }
    - { update: test_cluster_member, id: name, attributes: { class: class } }
  ModifyMany:
    - { update: test_db, each: items, id: item.name, attributes: { item.class: class } }
  Log:
    - update: test_db
      id: name
      attributes: { log.sampling: "log[0].sampling", log.format: "log[0].format" }
      fills: { log: { log.sampling: 0.5, log.format: json } }
  Quiet:
    - { update: test_db, id: name, set: { log: null } }
  Stop:
    - { update: test_db, id: name, set: { running: false } }
  Reset:
    - { update: test_db, id: name, set: { logs: null } }
  ModifyRole:
    - { update: test_role, id: name, attributes: { path: path } }
`)

const db = row('test_db', {
  id: 'db-1',
  name: 'orders',
  class: 'small',
  size: 8,
  block: true,
  ignore: true,
  running: true,
  logs: ['audit', 'error'],
  environment: [{ variables: { STAGE: 'live' } }],
})
const modify = (request: JsonObject) => call('test', 'Modify', { name: 'orders', ...request })
const found = (request: JsonObject, rows = [db]) => alerts(modify(request), rows, service)
const diffs = (request: JsonObject, rows = [db]) => found(request, rows).flatMap((one) => one.diffs)
const reason = (request: JsonObject, rows = [db]) => judge(modify(request), rows, service)

describe('a call that sets attributes', () => {
  it('gives one finding with a diff for each attribute that differs, in the order of their names', () => {
    expect(found({ size: 16, class: 'large' })).toMatchObject([
      {
        type: 'attribute_drift',
        compared: true,
        resourceKey: 'aws/123456789012/eu-west-1/test_db/db-1',
        diffs: [
          { attribute: 'class', oldValue: '"small"', newValue: '"large"', changeType: 'modified' },
          { attribute: 'size', oldValue: '8', newValue: '16', changeType: 'modified' },
        ],
        apiNames: { class: ['class'], size: ['size'] },
      },
    ])
  })

  it('is as declared where all that it sets is what the state says, and says so for each attribute', () => {
    expect(reason({ size: '8', class: 'small' })).toMatchObject({
      reason: 'as-declared',
      findings: [
        {
          reason: 'as-declared',
          finding: {
            diffs: [],
            verdicts: [
              { slot: 'class', differs: false },
              { slot: 'size', differs: false },
            ],
          },
        },
      ],
    })
  })

  it('compares nothing that it does not carry', () => {
    expect(reason({})).toEqual({ findings: [], reason: 'no-effect' })
  })

  it('is nothing without the id of what it changes', () => {
    for (const name of [undefined, null, '', {}, ['orders'], true]) {
      const request = { class: 'large', ...(name !== undefined && { name }) } as JsonObject
      expect(judge(call('test', 'Modify', request), [db], service)).toBe('no-effect')
    }
  })

  it('sets what its own name means', () => {
    expect(alerts(call('test', 'Stop', { name: 'orders' }), [db], service)).toMatchObject([
      { diffs: [{ attribute: 'running', oldValue: 'true', newValue: 'false' }] },
    ])
  })

  it('finds its resource by a name in capitals, where the service knows none', () => {
    expect(alerts(call('test', 'Modify', { name: 'Orders', size: 9 }), [db], service)).toHaveLength(1)
    const capital = row('test_role', { id: 'x', name: 'app', path: '/' })
    expect(alerts(call('test', 'ModifyRole', { name: 'App', path: '/x' }), [capital], service)).toEqual([])
  })

  it('finds its resource in the account and region of an ARN', () => {
    const arn = 'arn:aws:rds:us-east-1:999999999999:db:orders'
    const there = { ...db, account: '999999999999', region: 'us-east-1', id: '' }
    expect(alerts(call('test', 'Modify', { name: arn, size: 9 }), [db, there], service)).toMatchObject([
      { resource: { account: '999999999999', region: 'us-east-1', id: arn } },
    ])
  })

  it('of a type without regions has the region global', () => {
    const role = row('test_role', { id: 'app', name: 'app', path: '/' }, { region: 'us-east-1' })
    expect(alerts(call('test', 'ModifyRole', { name: 'app', path: '/x' }), [role], service)).toMatchObject([
      { resourceKey: 'aws/123456789012/global/test_role/app' },
    ])
  })

  it('is never compared with a deposed instance', () => {
    expect(reason({ size: 9 }, [{ ...db, deposedKey: '0001' }])).toEqual({
      findings: [],
      reason: 'unmanaged',
    })
  })

  it('names several resources in one list', () => {
    const other = row('test_db', { id: 'db-2', name: 'stock', class: 'small' }, { address: 'test_db.stock' })
    const request = { items: [{ name: 'orders', class: 'large' }, { name: 'stock', class: 'large' }, 'text'] }
    expect(alerts(call('test', 'ModifyMany', request), [db, other], service)).toMatchObject([
      { resource: { id: 'db-1' } },
      { resource: { id: 'db-2' } },
    ])
  })
})

describe('parameters that no mapping knows', () => {
  it('make a change that is not compared, without a diff', () => {
    expect(found({ newSetting: 'on' })).toMatchObject([
      { compared: false, diffs: [], verdicts: [{ slot: 'call:Modify', differs: true }], apiNames: {} },
    ])
  })

  it('leave what is compared and equal its verdict', () => {
    expect(found({ newSetting: 'on', size: 8 })).toMatchObject([
      {
        compared: false,
        verdicts: [
          { slot: 'size', differs: false },
          { slot: 'call:Modify', differs: true },
        ],
      },
    ])
  })

  it('do not hide a difference beside them', () => {
    expect(found({ newSetting: 'on', size: 9 })).toMatchObject([
      { compared: true, diffs: [{ attribute: 'size' }] },
    ])
  })

  it('say nothing where they are empty', () => {
    for (const value of [null, '', [], {}]) {
      expect(reason({ newSetting: value, size: 8 })).toMatchObject({ reason: 'as-declared' })
    }
  })

  it('are not those that mean nothing to Terraform', () => {
    for (const name of ['applyNow', 'clientToken', 'dryRun', 'Host']) {
      expect(reason({ [name]: 'x', size: 8 })).toMatchObject({ reason: 'as-declared' })
    }
  })

  it('are not the other parameters inside one that is known', () => {
    expect(reason({ logs: { enable: ['audit'] }, size: 8 })).toMatchObject({ reason: 'as-declared' })
  })
})

describe('a parameter with a default', () => {
  it('has it where the object that would hold it is there', () => {
    expect(diffs({ access: { block: true } })).toMatchObject([
      { attribute: 'ignore', oldValue: 'true', newValue: 'false' },
    ])
    expect(diffs({ access: {} })).toMatchObject([{ attribute: 'block' }, { attribute: 'ignore' }])
  })

  it('is unchanged where that object is absent', () => {
    expect(diffs({ size: 8 })).toEqual([])
  })
})

describe('a parameter whose value is hidden', () => {
  it('gives a diff without values', () => {
    expect(diffs({ environment: {} })).toEqual([
      {
        attribute: 'environment[0].variables',
        oldValue: null,
        newValue: null,
        changeType: 'modified',
        sensitive: true,
      },
    ])
  })

  it('is compared where the record shows it all the same', () => {
    expect(diffs({ environment: { variables: { STAGE: 'test' } } })).toMatchObject([
      { attribute: 'environment[0].variables.STAGE', oldValue: '"live"', newValue: '"test"' },
    ])
    expect(reason({ environment: { variables: { STAGE: 'live' } } })).toMatchObject({ reason: 'as-declared' })
  })
})

describe('elements of a set', () => {
  it('that the call adds are a difference where the state has them not', () => {
    expect(diffs({ logs: { enable: ['audit', 'slow'] } })).toMatchObject([
      { attribute: 'logs', oldValue: null, newValue: '["slow"]', changeType: 'added' },
    ])
    expect(reason({ logs: { enable: ['error', 'audit'] } })).toMatchObject({ reason: 'as-declared' })
  })

  it('that the call takes are a difference where the state has them', () => {
    expect(diffs({ logs: { disable: ['audit', 'slow'] } })).toMatchObject([
      { attribute: 'logs', oldValue: '["audit"]', newValue: null, changeType: 'removed' },
    ])
    expect(reason({ logs: { disable: ['slow'] } })).toMatchObject({ reason: 'as-declared' })
  })

  it('are added to a set that the state leaves out', () => {
    const bare = row('test_db', { id: 'db-1', name: 'orders' })
    expect(diffs({ logs: { enable: 'slow' } }, [bare])).toMatchObject([{ newValue: '["slow"]' }])
    expect(reason({ logs: { disable: 'slow' } }, [bare])).toMatchObject({ reason: 'as-declared' })
  })

  it('added and taken by one call are one diff', () => {
    expect(diffs({ logs: { enable: ['slow'], disable: ['audit'] } })).toMatchObject([
      { attribute: 'logs', oldValue: '["audit"]', newValue: '["slow"]', changeType: 'modified' },
    ])
  })

  it('that differ have each a verdict of their own, so that no other element can set them back', () => {
    const [one] = found({ logs: { enable: ['slow'], disable: ['never-there'] } })
    expect(one!.verdicts).toHaveLength(2)
    expect(new Set(one!.verdicts.map(({ slot }) => slot)).size).toBe(2)
    const [taken] = found({ logs: { disable: ['audit'] } })
    const [slot] = taken!.verdicts.map((verdict) => verdict.slot)
    const other = reason({ logs: { enable: ['error'] } })
    expect(JSON.stringify(other)).not.toContain(JSON.stringify(slot))
    expect(reason({ logs: { enable: ['audit'] } })).toMatchObject({
      findings: [{ finding: { verdicts: [{ slot, differs: false }] } }],
    })
  })
})

describe('a parameter that stands for one of two attributes', () => {
  const hidden = { userData: '****' }

  it('stands for the one that the state sets', () => {
    const encoded = { ...db, attributes: { ...db.attributes, data_base64: 'c2hhMQ==' } }
    expect(diffs(hidden, [encoded])).toMatchObject([{ attribute: 'data_base64', sensitive: true }])
  })

  it('stands for the first, where the state sets neither', () => {
    expect(diffs(hidden)).toMatchObject([{ attribute: 'data', sensitive: true }])
  })
})

describe('a resource that no state holds', () => {
  const unmanaged = (name: string, rows = [db], more = {}) =>
    judge(call('test', name, { name: 'other', class: 'large' }), rows, { ...service, ...more })

  it('is only counted', () => {
    expect(unmanaged('Modify')).toEqual({ findings: [], reason: 'unmanaged' })
  })

  it('is reported where changes to such are asked for', () => {
    expect(unmanaged('Modify', [], { unmanagedAny: true })).toMatchObject({
      reason: null,
      findings: [
        { finding: { type: 'unmanaged_resource', row: null, diffs: [], resource: { id: 'other' } } },
      ],
    })
  })

  it('is reported once, as the first of the types that it may be', () => {
    const { findings } = unmanaged('ModifyAny', [], { unmanagedAny: true }) as { findings: unknown[] }
    expect(findings).toMatchObject([{ finding: { resource: { type: 'test_db', id: 'other' } } }])
  })

  it('is not reported where it is held as another of the types that it may be', () => {
    const member = row('test_cluster_member', { id: 'm-1', name: 'other', class: 'small' })
    expect(unmanaged('ModifyAny', [member], { unmanagedAny: true })).toMatchObject({
      findings: [{ finding: { resource: { type: 'test_cluster_member' }, diffs: [{ attribute: 'class' }] } }],
    })
    const same = { ...member, attributes: { ...member.attributes, class: 'large' } }
    expect(unmanaged('ModifyAny', [same], { unmanagedAny: true })).toMatchObject({
      reason: 'as-declared',
      findings: [{ reason: 'as-declared' }],
    })
  })
})

describe('a resource that two states hold', () => {
  const twin = { ...db, key: 'a|first', source: 'a.tfstate', address: 'test_db.copy' }

  it('speaks by the row that differs, and names the other', () => {
    const adopted = { ...twin, attributes: { ...twin.attributes, size: 9 } }
    expect(found({ size: 9 }, [db, adopted])).toMatchObject([
      {
        row: { key: db.key },
        resource: { address: 'test_db.this', alsoManagedBy: ['a.tfstate: test_db.copy'] },
        diffs: [{ oldValue: '8' }],
      },
    ])
  })

  it('speaks by the first row in the order of keys, where both differ', () => {
    for (const rows of [
      [db, twin],
      [twin, db],
    ]) {
      expect(found({ size: 9 }, rows)).toMatchObject([
        { row: { key: 'a|first' }, resource: { alsoManagedBy: ['terraform.tfstate: test_db.this'] } },
      ])
    }
  })
})

describe('of two attributes with one meaning', () => {
  const rules = mapped(`
types: { test_rule: { names: [name] } }
calls:
  Stop:
    - update: test_rule
      id: name
      set: { state | is_enabled: 'OFF', reason: null }
      translate: { is_enabled: { 'OFF': false } }`)
  const stopped = (attributes: JsonObject) =>
    alerts(
      call('test', 'Stop', { name: 'a' }),
      [row('test_rule', { id: 'a', name: 'a', ...attributes })],
      rules,
    )

  it('that which the state has is compared, in its own words', () => {
    const diff = (attribute: string, oldValue: string, newValue: string) => [
      { diffs: [expect.objectContaining({ attribute, oldValue, newValue })] },
    ]
    expect(stopped({ state: 'ON', is_enabled: true })).toMatchObject(diff('state', '"ON"', '"OFF"'))
    expect(stopped({ is_enabled: true })).toMatchObject(diff('is_enabled', 'true', 'false'))
    expect(stopped({ state: 'OFF', is_enabled: false })).toEqual([])
    expect(stopped({ is_enabled: false })).toEqual([])
  })

  it('a call may take a value away', () => {
    expect(stopped({ state: 'OFF', reason: 'x' })).toMatchObject([
      { diffs: [{ attribute: 'reason', oldValue: '"x"', newValue: null, changeType: 'removed' }] },
    ])
  })
})

it('what an element of a list leaves out is taken away where the call says so', () => {
  const targets = mapped(`
types: { test_target: { names: [name] } }
calls:
  Put: [{ put: test_target, each: list, id: item.name, attributes: { item.input: input }, defaults: { item.input: null } }]`)
  const put = call('test', 'Put', { list: [{ name: 'a' }] })
  expect(alerts(put, [row('test_target', { id: 'a', name: 'a', input: '{}x' })], targets)).toMatchObject([
    { diffs: [{ attribute: 'input', oldValue: '"{}x"', newValue: null }] },
  ])
})

describe('a block that a service fills in', () => {
  const diffsOf = (log: JsonObject[], request: JsonObject) => {
    const state = row('test_db', { id: 'db-2', name: 'books', log })
    return alerts(call('test', 'Log', { name: 'books', ...request }), [state], service).flatMap(({ diffs }) =>
      diffs.map(({ attribute, newValue }) => [attribute, JSON.parse(newValue ?? 'null')]),
    )
  }

  it('has its values where the state has no such block', () => {
    expect(diffsOf([], { log: { format: 'text' } })).toEqual([
      ['log[0].format', 'text'],
      ['log[0].sampling', 0.5],
    ])
  })

  it('and where the state has one only those that the call carries', () => {
    const log = [{ sampling: 0.1, format: 'json' }]
    expect(diffsOf(log, { log: { format: 'text' } })).toEqual([['log[0].format', 'text']])
    expect(diffsOf(log, { log: { format: 'json' } })).toEqual([])
  })

  it('is gone where the call itself means so', () => {
    const held = row('test_db', { id: 'db-2', name: 'books', log: [{ sampling: 0.1 }] })
    const gone = (state: typeof held) => alerts(call('test', 'Quiet', { name: 'books' }), [state], service)
    expect(gone(held)).toMatchObject([
      {
        diffs: [{ attribute: 'log', oldValue: '[{"sampling":0.1}]', newValue: null, changeType: 'removed' }],
      },
    ])
    expect(gone(row('test_db', { id: 'db-2', name: 'books', log: [] }))).toEqual([])
  })
})

describe('a parameter that is null', () => {
  it('takes the value away, or is as its default says', () => {
    const diffs = alerts(
      call('test', 'Modify', { name: 'orders', class: null, access: { block: null } }),
      [db],
      service,
    )
    expect(diffs.flatMap((one) => one.diffs.map(({ attribute, newValue }) => [attribute, newValue]))).toEqual(
      [
        ['block', 'false'],
        ['class', null],
        ['ignore', 'false'],
      ],
    )
  })
})

it('a call may take an attribute away without a word', () => {
  expect(alerts(call('test', 'Reset', { name: 'orders' }), [db], service)).toMatchObject([
    { diffs: [{ attribute: 'logs', oldValue: '["audit","error"]', newValue: null, changeType: 'removed' }] },
  ])
})
