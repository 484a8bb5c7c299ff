import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { statements } from '../../../processors/compare/policy.ts'
import type { Json, JsonObject } from '../../../processors/finding.ts'

const keys = (value: Json | undefined, trust = false) => {
  const found = statements(value, { trust })
  return found && [...found.keys()].sort()
}

describe('the statements of a policy', () => {
  it('are none where there is no policy', () => {
    for (const value of [undefined, null, '', {}, '{}']) expect(keys(value)).toEqual([])
  })

  it('are not read out of what is no policy document', () => {
    const others: Json[] = ['text', '[]', '{"Statement":', '%7B', 5, true, [], { Statement: ['x'] }]
    for (const value of others) expect(keys(value)).toBeNull()
  })

  it('are handed over as they were written', () => {
    const written = { Sid: 'A', Effect: 'Allow', Action: 'S3:*', Resource: '*' }
    expect([...statements({ Statement: written }, { trust: false })!.values()]).toEqual([written])
  })

  it('do not change with the order, the number of brackets and the names of the statements', () => {
    const words = (...choice: string[]) => fc.subarray(choice, { minLength: 1 })
    const statement = fc.record({
      Effect: fc.constantFrom('Allow', 'Deny'),
      Action: words('s3:GetObject', 's3:PutObject', 'sqs:*'),
      Resource: words('arn:aws:s3:::a', 'arn:aws:s3:::a/*'),
      Principal: fc.record({ AWS: words('123456789012', '*') }),
      Condition: fc.record({ StringEquals: fc.record({ 'aws:SourceVpc': words('vpc-1', 'vpc-2') }) }),
    })
    const rewritten = fc
      .tuple(fc.array(statement, { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.nat(9)))
      .map(([list, dice]) => {
        const roll = () => dice.next().value!
        const shuffle = <T>(items: T[]): T[] =>
          items
            .map((item) => ({ item, rank: roll() }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ item }) => item)
        const rewrite = (value: Json): Json => {
          if (Array.isArray(value)) return value.length === 1 && roll() > 4 ? value[0]! : shuffle(value)
          if (typeof value !== 'object' || value === null) return value
          return Object.fromEntries(
            shuffle(Object.entries(value)).map(([key, inner]) => [key, rewrite(inner)]),
          )
        }
        const others = shuffle(list).map((one) => ({ ...(rewrite(one) as JsonObject), Sid: `S${roll()}` }))
        const text = JSON.stringify({ Statement: others, Version: '2012-10-17' })
        return { list, other: roll() > 4 ? encodeURIComponent(text) : text }
      })
    fc.assert(
      fc.property(rewritten, ({ list, other }) => {
        expect(keys(other)).toEqual(keys({ Version: '2012-10-17', Statement: list }))
      }),
    )
  })

  it.each([
    ['another effect', { Effect: 'Deny' }],
    ['another resource', { Resource: 'arn:aws:s3:::A' }],
    ['NotAction', { Action: null, NotAction: 's3:GetObject' }],
    ['a condition', { Condition: { Bool: { 'aws:SecureTransport': true } } }],
  ])('change with %s', (_, change) => {
    const one = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::a', Principal: '*' }
    const other = Object.fromEntries(Object.entries({ ...one, ...change }).filter(([, value]) => value))
    expect(keys({ Statement: [other as JsonObject] })).not.toEqual(keys({ Statement: [one] }))
  })

  it('change with the version of the language', () => {
    const Statement = [{ Effect: 'Allow', Action: '*', Resource: '*' }]
    expect(keys({ Version: '2012-10-17', Statement })).not.toEqual(keys({ Statement }))
    expect(keys({ Version: '2008-10-17', Statement })).toEqual(keys({ Statement }))
  })

  it('do not change with the case of condition keys and with flags written as text', () => {
    const one = (key: string, value: Json): Json => ({
      Statement: [{ Effect: 'Deny', Action: '*', Resource: '*', Condition: { Bool: { [key]: value } } }],
    })
    expect(keys(one('aws:SecureTransport', false))).toEqual(keys(one('AWS:securetransport', ['false'])))
  })
})
