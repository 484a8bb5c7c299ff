import { expect, test } from 'vitest'
import { attributePattern, rootOf } from '../../../processors/rules/attribute-pattern.ts'

test.each([
  ['tags', 'tags', 'same'],
  ['tags', 'tags.Env', 'below'],
  ['tags', 'tags_all.Env', null],
  ['tags.Env', 'tags', { rest: 'Env' }],
  ['ingress[0].from_port', 'ingress', { rest: '[0].from_port' }],
  ['tags.*', 'tags.Env', 'same'],
  ['tags.*', 'tags.kubernetes.io/name', 'same'],
  ['tags.*', 'tags', { rest: '*' }],
  ['tags.cost-*', 'tags.owner', null],
  ['ingress[*].cidr_blocks', 'ingress[3].cidr_blocks', 'same'],
  ['ingress[*].cidr_blocks', 'ingress', { rest: '[*].cidr_blocks' }],
  ['ingress[*].cidr_blocks', 'ingress[3]', { rest: 'cidr_blocks' }],
  ['ingress[*].cidr_blocks', 'ingress[3].from_port', null],
  ['ingress[*]', 'ingress[3].from_port', 'below'],
  ['egress[*].cidr_blocks', 'ingress', null],
])('%s and a change of %s: %j', (attribute, name, expected) => {
  expect(attributePattern(attribute).relate(name)).toEqual(expected)
})

test.each([
  ['tags.Env', 'tags'],
  ['ingress[*].cidr_blocks', 'ingress'],
  ['policy', 'policy'],
  ['*', null],
  ['*_cidr.x', null],
])('the first step of %s is %s', (attribute, root) => {
  expect(rootOf(attribute)).toBe(root)
  expect(attributePattern(attribute).root).toBe(root)
})
