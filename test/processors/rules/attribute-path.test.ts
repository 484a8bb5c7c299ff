import { describe, expect, it } from 'vitest'
import { attributeAt, isWithin } from '../../../processors/rules/attribute-path.ts'

describe('isWithin', () => {
  it.each([
    ['tags.Env', 'tags', true],
    ['tags', 'tags', true],
    ['metadata_options[0].http_tokens', 'metadata_options', true],
    ['tags_all.Env', 'tags', false],
    ['tags', 'tags.Env', false],
    ['policy_version', 'policy', false],
  ])('%s within %s: %s', (inner, outer, expected) => {
    expect(isWithin(inner, outer)).toBe(expected)
  })
})

describe('attributeAt', () => {
  const attributes = {
    instance_type: 't3.micro',
    tags: { Environment: 'production', 'kubernetes.io/name': 'a', kubernetes: { other: 'b' } },
    metadata_options: [{ http_tokens: 'required' }],
    ingress: [{ from_port: 22 }, { from_port: 443 }],
    empty: null,
  }
  it.each([
    ['instance_type', 't3.micro'],
    ['tags.Environment', 'production'],
    ['tags.kubernetes.io/name', 'a'],
    ['metadata_options[0].http_tokens', 'required'],
    ['metadata_options.http_tokens', 'required'],
    ['ingress[1].from_port', 443],
    ['ingress.from_port', undefined],
    ['ingress[7].from_port', undefined],
    ['empty', null],
    ['instance_type.x', undefined],
    ['constructor', undefined],
    ['tags.__proto__', undefined],
  ])('%s: %s', (attribute, expected) => {
    expect(attributeAt(attributes, attribute)).toEqual(expected)
  })
})
