import { describe, expect, it, test } from 'vitest'
import { madeOf, madeRule } from '../../../processors/detect/made.ts'
import { alerts, call, mapped } from '../../support/detect.ts'

const set = (attribute: string, value: unknown, more: object = {}) => ({
  apiName: 'x',
  attribute,
  value: value as never,
  ...more,
})

test('what a call makes has the shape of a state, under each name that the attribute may have', () => {
  const list = [set('a[0].b', 1), set('a[0].c', 2), set('d | e.f', 'x'), set('gone', null)]
  expect(madeOf(list, () => false)).toEqual({ a: [{ b: 1, c: 2 }], d: 'x', e: { f: 'x' } })
})

test('what is secret, masked or left out by the trail is not among it', () => {
  const list = [
    set('password', 'x'),
    set('body', { omitted: true }),
    set('blocks', [{ Word: 'x' }], { fields: { password: 'Word' } }),
    set('masked', '****'),
    set('members', ['a'], { delta: 'takes' }),
  ]
  expect(madeOf(list, (path) => /password$/.test(path))).toEqual({})
})

test('a rule of a security group has one peer', () => {
  const atom = { protocol: '-1', from: null, to: null, peer: '::/0', description: null }
  expect(madeRule('sg-1', { ...atom, peerKind: 'ipv6_cidr_blocks' })).toEqual({
    security_group_id: 'sg-1',
    ip_protocol: '-1',
    from_port: null,
    to_port: null,
    cidr_ipv6: '::/0',
  })
})

/** What an alert's rules may know of the new resource. */
function madeBy(...args: Parameters<typeof alerts>) {
  return alerts(...args).map(({ made: { id: _, ...said } = {} }) => said)
}

describe('what a call sets of a resource that no state holds', () => {
  it('is known of a grant, whose type has one member', () => {
    const given = { role: 'roles/owner', member: 'user:a@b.c', memberId: 'roles/owner/user:a@b.c' }
    const grant = call(
      '',
      'SetIamPolicy',
      { root: 'projects', project: 'p', added: [given] },
      {
        ...{ provider: 'gcp', account: 'p', service: 'cloudresourcemanager.googleapis.com' },
      },
    )
    expect(madeBy(grant, [])).toEqual([{ role: 'roles/owner', member: 'user:a@b.c', project: 'p' }])
  })

  const calls = mapped(`
types: { test_thing: {}, test_other: {} }
calls:
  PutThing:
    - { create: test_thing, id: name }
    - update: test_thing
      id: name
      attributes: { open: open, empty: empty, word: password, rules: rule, labels: labels }
      elements: { rules: { port: portNumber } }
    - { update: test_other, id: name, attributes: { open: opened } }`)

  it('is what the same call is known to set where the resource is there, in the same words', () => {
    const put = call('test', 'PutThing', {
      name: 'a',
      open: false,
      rules: [{ portNumber: 22 }],
      labels: { a: 'b' },
    })
    expect(madeBy(put, [], calls)).toEqual([{ open: false, rule: [{ port: 22 }], labels: { a: 'b' } }])
    expect(alerts(put, [], calls)).toMatchObject([{ diffs: [] }])
  })

  it('has nothing secret, hidden or empty in it', () => {
    const put = call('test', 'PutThing', {
      ...{ name: 'a', open: '****', empty: '', word: 'x', labels: { password: 'x' }, rules: [] },
    })
    expect(madeBy(put, [], calls)).toEqual([{}])
  })
})
