import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Kind } from '../../mappings/kind.ts'
import { canonicalText } from '../../processors/compare/canonical.ts'
import { compare } from '../../processors/compare/compare.ts'
import type { Json } from '../../processors/finding.ts'

function one(state: Json | undefined, event: Json, kind?: Kind, sensitive = false) {
  return compare({ attribute: 'a', apiName: 'A', kind, state, event, isSensitive: () => sensitive })
}

const equal = (state: Json | undefined, event: Json, kind?: Kind) =>
  one(state, event, kind).every((comparison) => comparison.equal)

describe('values are compared as Terraform means them', () => {
  it.each([
    [512, '512'],
    ['512', 512],
    ['false', false],
    [true, 'true'],
    ['', null],
    [[], null],
    [{}, null],
    [undefined, ''],
    [1e6, '1000000'],
    ['10.50', 10.5],
    [null, false],
    [undefined, 0],
  ] as [Json | undefined, Json][])('%j equals %j', (state, event) => {
    expect(equal(state, event)).toBe(true)
  })

  it.each([
    [512, '513'],
    [true, false],
    ['a', 'b'],
    [null, true],
    [false, null],
    ['007', '7'],
    ['123456789012345678901', '123456789012345678902'],
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
  ] as [Json | undefined, Json][])('%j differs from %j', (state, event) => {
    expect(one(state, event)).toMatchObject([{ equal: false }])
  })

  it('reports each key of a map that differs, and no other', () => {
    expect(one({ a: '1', b: '2', c: '3' }, { a: '1', b: '5', d: '4' })).toMatchObject([
      { attribute: 'a.a', equal: true },
      { attribute: 'a.b', equal: false, oldValue: '2', newValue: '5' },
      { attribute: 'a.c', equal: false, oldValue: '3', newValue: undefined },
      { attribute: 'a.d', equal: false, oldValue: undefined, newValue: '4' },
    ])
  })
})

describe('a map of which a call names some keys', () => {
  it('keeps the others', () => {
    expect(one({ a: '1', b: '2', c: '3' }, { b: '5', c: null, d: '4' }, 'merged-map')).toMatchObject([
      { attribute: 'a.b', equal: false, oldValue: '2', newValue: '5' },
      { attribute: 'a.c', equal: false, oldValue: '3', newValue: undefined },
      { attribute: 'a.d', equal: false, oldValue: undefined, newValue: '4' },
    ])
  })
})

describe('sets', () => {
  it('report what went and what came', () => {
    expect(one(['a', 'b'], ['c', 'b'], 'set')).toMatchObject([{ oldValue: ['a'], newValue: ['c'] }])
  })

  it('are equal in any order and multiplicity', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 1 }), fc.func(fc.integer()), (elements, rank) => {
        const shuffled = [...elements, elements[0]!].sort((a, b) => rank(a) - rank(b))
        expect(equal(elements, shuffled, 'set')).toBe(true)
      }),
    )
  })
})

describe('sets and lists', () => {
  it('of a set what went and what came stand in one order, whatever that of the call', () => {
    const expected = [{ oldValue: ['a', 'b'], newValue: ['c', 'd'] }]
    expect(one(['b', 'a'], ['d', 'c'], 'set')).toMatchObject(expected)
    expect(one(['a', 'b'], ['c', 'd'], 'set')).toMatchObject(expected)
  })

  it('a list is one value, whose order counts', () => {
    expect(one(['a', 'b'], ['b', 'a'], 'list')).toMatchObject([
      { oldValue: ['a', 'b'], newValue: ['b', 'a'] },
    ])
    expect(equal(['a', 'b'], ['a', 'b'], 'list')).toBe(true)
  })

  it('an element without a list is a list of one', () => {
    expect(equal(['a'], 'a', 'set')).toBe(true)
    expect(equal([], null, 'set')).toBe(true)
  })
})

describe('policies', () => {
  const statement = {
    Effect: 'Allow',
    Action: ['s3:GetObject'],
    Resource: 'arn:aws:s3:::b/*',
    Principal: '*',
  }
  const policy = (...statements: Json[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })

  it.each([
    ['a list of one and a scalar', policy({ ...statement, Action: 's3:GetObject' })],
    ['another Sid', policy({ ...statement, Sid: 'x' })],
    ['an empty Sid', policy({ ...statement, Sid: '' })],
    ['the case of actions', policy({ ...statement, Action: 'S3:getobject' })],
    ['* and {"AWS": "*"}', policy({ ...statement, Principal: { AWS: '*' } })],
    ['URL encoding', encodeURIComponent(policy(statement))],
    ['a single statement without its list', JSON.stringify({ Version: '2012-10-17', Statement: statement })],
    ['white space', JSON.stringify({ Version: '2012-10-17', Statement: [statement] }, null, 2)],
  ])('are equal up to %s', (_, other) => {
    expect(equal(policy(statement), other, 'policy')).toBe(true)
  })

  it('are equal when one side is an object and the other a text', () => {
    expect(equal(policy(statement), JSON.parse(policy(statement)) as Json, 'policy')).toBe(true)
  })

  it('keep * and {"AWS": "*"} apart in a trust policy', () => {
    expect(equal(policy(statement), policy({ ...statement, Principal: { AWS: '*' } }), 'trust-policy')).toBe(
      false,
    )
  })

  it('take an account id for its root', () => {
    const byId = { ...statement, Principal: { AWS: '123456789012' } }
    const byArn = { ...statement, Principal: { AWS: ['arn:aws:iam::123456789012:root'] } }
    expect(equal(policy(byId), policy(byArn), 'policy')).toBe(true)
  })

  it('report the statements removed and added', () => {
    const other = { ...statement, Action: 's3:*' }
    expect(one(policy(statement), policy(other), 'policy')).toMatchObject([
      { oldValue: [statement], newValue: [other] },
    ])
  })

  it('report all statements of a policy that is taken away', () => {
    expect(one(policy(statement), null, 'policy')).toMatchObject([
      { oldValue: [statement], newValue: undefined },
    ])
  })
})

describe('other kinds', () => {
  it('R40 json compares parsed', () => {
    expect(equal('{"a":1,"b":[1,2]}', '{ "b": [1,2], "a": "1" }', 'json')).toBe(true)
  })

  it('json and policy compare as texts what is neither', () => {
    expect(equal('{"a":', '{"a":', 'json')).toBe(true)
    expect(one('{"a":', '{}', 'json')).toMatchObject([{ equal: false, oldValue: '{"a":' }])
    expect(one('no policy', 'another', 'policy')).toMatchObject([
      { oldValue: 'no policy', newValue: 'another' },
    ])
  })

  it('protocol takes a number for its name, and all for -1', () => {
    expect(equal('tcp', '6', 'protocol')).toBe(true)
    expect(equal('6', 'TCP', 'protocol')).toBe(true)
    expect(equal('-1', 'all', 'protocol')).toBe(true)
    expect(equal('51', 51, 'protocol')).toBe(true)
    expect(one('6', '17', 'protocol')).toMatchObject([{ equal: false, oldValue: '6', newValue: '17' }])
  })

  it('base-reference keeps the colons of a name', () => {
    const definition = 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7'
    expect(equal(definition, 'web:7', 'base-reference')).toBe(true)
    expect(equal(definition, 'api:7', 'base-reference')).toBe(false)
  })

  it('reference takes an ARN for its name', () => {
    expect(equal('arn:aws:iam::123456789012:role/app', 'app', 'reference')).toBe(true)
    expect(equal('arn:aws:iam::123456789012:role/app', 'other', 'reference')).toBe(false)
  })
})

describe('secrets', () => {
  it.each(['****', 'HIDDEN_DUE_TO_SECURITY_REASONS', '<sensitiveDataRemoved>'])(
    'a mask %s says that something was set, and shows nothing',
    (mask) => {
      const [comparison] = one('old', mask)
      expect(comparison).toMatchObject({ equal: false, sensitive: true })
      expect(JSON.stringify(comparison)).not.toContain('old')
    },
  )

  it('a sensitive difference carries no value', () => {
    const [comparison] = one('old-secret', 'new-secret', undefined, true)
    expect(comparison).toMatchObject({ equal: false, sensitive: true })
    expect(JSON.stringify(comparison)).not.toMatch(/old-secret|new-secret/)
  })

  it('a flag is none, whatever its name', () => {
    expect(one(true, false, undefined, true)).toMatchObject([{ sensitive: false, oldValue: true }])
    expect(one('true', 'hunter2', undefined, true)).toMatchObject([{ sensitive: true }])
  })

  it('a map that is one shows neither keys nor values, whether or not the state has it', () => {
    for (const state of [undefined, {}, { key: 'old-secret' }]) {
      const comparisons = one(state, { key: 'new-secret' }, undefined, true)
      expect(comparisons).toMatchObject([{ attribute: 'a', equal: false, sensitive: true }])
      expect(JSON.stringify(comparisons)).not.toMatch(/old-secret|new-secret|key/)
    }
  })

  it('a digest in the state equals what has the same digest, and nothing that is in the open', () => {
    const digest = 'hmac-sha256:x'
    expect(one(digest, digest, 'opaque')).toMatchObject([{ equal: true, sensitive: true }])
    expect(one('da39a3ee', 'da39a3ee', 'opaque')).toEqual([
      { attribute: 'a', slot: 'a', apiName: 'A', sensitive: true, equal: false, law: expect.any(String) },
    ])
  })

  it('a hashed state value is compared with the hash of what the event set', () => {
    const hash = (value: Json) => `hmac-sha256:${String(value)}`
    const input = { attribute: 'a', apiName: 'A', kind: undefined, isSensitive: () => false, hash }
    expect(compare({ ...input, state: 'hmac-sha256:x', event: 'x' })).toMatchObject([{ equal: true }])
    expect(compare({ ...input, state: 'hmac-sha256:x', event: 'y' })).toMatchObject([
      { equal: false, sensitive: true },
    ])
  })
})

describe('laws', () => {
  it('a value equals itself in its canonical text, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const reversed = JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
          inner && typeof inner === 'object' && !Array.isArray(inner)
            ? Object.fromEntries(Object.entries(inner).reverse())
            : inner,
        ) as Json
        expect(canonicalText(reversed)).toBe(canonicalText(value as Json))
      }),
    )
  })

  it('no kind finds a difference between a value and itself', () => {
    const kinds: (Kind | undefined)[] = [undefined, 'set', 'list', 'policy', 'json', 'nullable', 'reference']
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...kinds), (value, kind) => {
        fc.pre(value !== '****' && value !== '***')
        expect(equal(value as Json, value as Json, kind)).toBe(true)
      }),
    )
  })
})

describe('a number that may be missing', () => {
  it('is not the same as 0, which else it is', () => {
    expect(equal('', 0, 'nullable')).toBe(false)
    expect(equal('0', 0, 'nullable')).toBe(true)
    expect(equal('', null, 'nullable')).toBe(true)
    expect(equal('', 0, undefined)).toBe(true)
  })
})

describe('a list of names and values is compared with a map', () => {
  const pairs = [{ name: 'a', value: '1' }, { name: 'b' }]

  it('key by key', () => {
    expect(equal({ a: '1', b: '' }, pairs, 'pairs')).toBe(true)
    expect(one({ a: '2', c: '3' }, pairs, 'pairs')).toMatchObject([
      { attribute: 'a.a', oldValue: '2', newValue: '1' },
      { attribute: 'a.b', equal: true },
      { attribute: 'a.c', oldValue: '3', newValue: undefined },
    ])
  })

  it('of which none are left where the call takes it away', () => {
    expect(one({ a: '2' }, null, 'pairs')).toMatchObject([{ attribute: 'a.a', equal: false }])
    expect(equal({}, null, 'pairs')).toBe(true)
  })
})

it('a document without statements, where a policy may stand, is compared as JSON', () => {
  const tags = (team: string) => JSON.stringify({ tags: { Team: { value: team } } })
  expect(equal(tags('a'), `${tags('a')} `, 'policy')).toBe(true)
  expect(equal(tags('a'), tags('b'), 'policy')).toBe(false)
  expect(equal('', tags('b'), 'policy')).toBe(false)
})

it('a block that says all by being there is compared by that', () => {
  const allow = [{ handling: [] }]
  expect(equal(allow, {}, 'presence')).toBe(true)
  expect(equal([], null, 'presence')).toBe(true)
  expect(equal(undefined, null, 'presence')).toBe(true)
  expect(one(allow, null, 'presence')).toMatchObject([{ equal: false, oldValue: allow }])
  expect(one([], {}, 'presence')).toMatchObject([{ equal: false, newValue: {} }])
})

describe('R41: links to resources of Google', () => {
  const link = (project: string, name: string) =>
    `https://www.googleapis.com/compute/v1/projects/${project}/global/networks/${name}`

  it.each([
    [link('p', 'n'), 'projects/p/global/networks/n'],
    [link('p', 'n'), link('p', 'n').replace('/v1/', '/beta/')],
    ['n', link('p', 'n')],
    [link('p', 'n'), 'n'],
    [
      [link('p', 'n'), link('p', 'm')],
      ['projects/p/global/networks/m', link('p', 'n')],
    ],
  ] as [Json, Json][])('%j is %j', (state, event) => {
    expect(equal(state, event, 'link')).toBe(true)
  })

  it.each([
    [link('p', 'n'), link('q', 'n')],
    [link('p', 'n'), link('p', 'm')],
    ['n', 'm'],
    [null, link('p', 'n')],
    [[link('p', 'n')], [link('q', 'n')]],
  ] as [Json, Json][])('%j is not %j', (state, event) => {
    expect(equal(state, event, 'link')).toBe(false)
  })

  it('are shown as names where the state has names', () => {
    expect(one('e2-small', 'projects/p/zones/z/machineTypes/e2-medium', 'link')).toMatchObject([
      { oldValue: 'e2-small', newValue: 'e2-medium' },
    ])
  })
})
describe('versions', () => {
  it.each([
    ['8.0', '8.0.35'],
    ['6.x', '6.2'],
    ['15', '15.4'],
    ['15.10', '15.10'],
  ])('%s is any %s', (state, event) => {
    expect(equal(state, event, 'version')).toBe(true)
  })

  it.each([
    ['15.1', '15.10'],
    ['8.0.35', '8.0'],
    ['8', '80.1'],
    ['', '8.0'],
    ['8.0', null],
  ])('%s is not %s', (state, event) => {
    expect(one(state, event, 'version')).toMatchObject([
      { equal: false, oldValue: state || undefined, newValue: event ?? undefined },
    ])
  })
})

it('a flag is no secret, whatever its name', () => {
  expect(one(null, true, undefined, true)).toMatchObject([{ sensitive: false, newValue: true }])
  expect(one(true, 'true', undefined, true)).toMatchObject([{ sensitive: true }])
})
