import { expect, test } from 'vitest'
import { madeOf, madeRule } from '../../../processors/detect/made.ts'

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

test('what is secret, left out by the trail, or known in the form of the API alone is not among it', () => {
  const list = [
    set('password', 'x'),
    set('body', { omitted: true }),
    set('blocks', [], { fields: {} }),
    set('members', ['a'], { delta: 'takes' }),
  ]
  expect(madeOf(list, (path) => path === 'password')).toEqual({})
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
