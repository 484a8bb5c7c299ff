import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import { alerts, call, judge, mapped, row } from '../../support/detect.ts'

const service = mapped(`
types:
  test_bucket: { names: [bucket] }
  test_versioning: { names: [bucket], parent: bucket, unset: { mfa: "Off" } }
  test_membership: { names: [user] }
  test_members: { names: [group] }
calls:
  PutVersioning:
    - put: test_versioning
      id: bucket
      attributes: { V.Status: status, V.Mfa: mfa, V.Rule.Days: days }
      defaults: { V.Rule.Days: null }
      replaces: V
      inline:
        type: test_bucket
        id: bucket
        attribute: versioning
        sets:
          attributes: { V.Status: "versioning[0].enabled" }
          translate: { V.Status: { "On": true, "Off": false } }
  Join:
    - put: test_membership
      id: "{user}/{group}"
      inline:
        - { type: test_membership, id: user, attribute: groups, element: group, partial: true }
        - { type: test_members, id: group, attribute: users, element: user }
  Leave:
    - remove: test_membership
      id: "{user}/{group}"
      inline: { type: test_membership, id: user, attribute: groups, element: group, partial: true }
`)
const put = (V: JsonObject) => call('test', 'PutVersioning', { bucket: 'b', V })
const bucket = row('test_bucket', { id: 'b', bucket: 'b', versioning: [{ enabled: true }] })
const diffs = (...args: Parameters<typeof alerts>) => alerts(...args).flatMap((one) => one.diffs)

describe('a parent that holds its one child in several attributes', () => {
  it('differs in those that the call sets, in their own words', () => {
    expect(alerts(put({ Status: 'Off' }), [bucket], service)).toMatchObject([
      {
        resource: { type: 'test_bucket', id: 'b' },
        diffs: [{ attribute: 'versioning[0].enabled', oldValue: 'true', newValue: 'false' }],
      },
    ])
    expect(judge(put({ Status: 'On' }), [bucket], service)).toMatchObject({ reason: 'as-declared' })
  })

  it('is not compared where the call sets nothing of it, or more', () => {
    for (const V of [{}, { Status: 'On', Colour: 'red' }])
      expect(alerts(put(V), [bucket], service)).toMatchObject([{ compared: false, diffs: [] }])
  })
})

describe('a child of one value', () => {
  const versioning = (more: JsonObject) => row('test_versioning', { id: 'b', bucket: 'b', ...more })

  it('R35 falls back to a default, however deep that lies, where the call sets the whole', () => {
    const held = [versioning({ status: 'On', days: 3 })]
    expect(diffs(put({ Status: 'On' }), held, service)).toMatchObject([{ attribute: 'days', oldValue: '3' }])
    expect(diffs(call('test', 'PutVersioning', { bucket: 'b' }), held, service)).toEqual([])
  })

  it('does not differ where the call says what an empty attribute means', () => {
    const of = (mfa: string) => diffs(put({ Mfa: mfa }), [versioning({ mfa: '' })], service)
    expect(of('Off')).toEqual([])
    expect(of('On')).toMatchObject([{ attribute: 'mfa', oldValue: null, newValue: '"On"' }])
    expect(diffs(put({ Mfa: 'Off' }), [versioning({ mfa: 'On' })], service)).toHaveLength(1)
  })
})

describe('a resource that lists some children of many', () => {
  const membership = (id: string, ...groups: string[]) => row('test_membership', { id, user: 'rosa', groups })
  const rows = [membership('one', 'a'), membership('two', 'b')]
  const request = (group: string) => ({ user: 'rosa', group })

  it('has nothing to do with those that it does not name', () => {
    expect(alerts(call('test', 'Join', request('c')), rows, service)).toMatchObject([
      { type: 'unmanaged_resource', resource: { type: 'test_membership', id: 'rosa/c' } },
    ])
    expect(judge(call('test', 'Leave', request('c')), rows, service)).toMatchObject({ reason: 'unmanaged' })
  })

  it('leaves them to another that lists them all', () => {
    const members = row('test_members', { id: 'c', group: 'c', users: ['ines'] })
    expect(alerts(call('test', 'Join', request('c')), [...rows, members], service)).toMatchObject([
      { resource: { type: 'test_members' }, diffs: [{ attribute: 'users', newValue: '["rosa"]' }] },
    ])
  })

  it('is as declared where the child is added that it names, and differs where it is taken', () => {
    expect(judge(call('test', 'Join', request('b')), rows, service)).toMatchObject({ reason: 'as-declared' })
    expect(alerts(call('test', 'Leave', request('b')), rows, service)).toMatchObject([
      { resource: { id: 'two' }, diffs: [{ attribute: 'groups', oldValue: '["b"]', newValue: null }] },
    ])
  })
})
