import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../../processors/finding.ts'
import { cidrsOf, covers, isPublic } from '../../../processors/rules/cidr.ts'
import { compileCondition } from '../../../processors/rules/condition.ts'
import { iamGlob } from '../../../processors/rules/iam-glob.ts'
import type { AttributeView, Operator, Reading } from '../../../processors/rules/operator.ts'
import { operators } from '../../../processors/rules/operators/index.ts'
import { subjectOf } from '../../../processors/rules/subject.ts'
import { aDiff, aFinding, aRow } from '../a-finding.ts'

const byName = new Map(operators.map((one) => [one.name as string, one as unknown as Operator]))
const holds = (name: string, args: JsonObject, view: AttributeView) => byName.get(name)!.test(args)(view)

const scalar = fc.oneof(
  fc.constantFrom<Json>(null, true, false, '', 'a', 'b', 'ab', 0, 1, 7, '7', '0.0.0.0/0', '10.0.0.0/8'),
  fc.integer({ min: -20, max: 20 }),
)
const value: fc.Arbitrary<Json> = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }))
const reading: fc.Arbitrary<Reading> = fc.record({
  values: fc.array(value, { maxLength: 3 }),
  complete: fc.boolean(),
})
const view = fc
  .record({ before: value, after: value, old: reading, new: reading })
  .map(({ before, after, ...rest }): AttributeView => {
    return { ...rest, changes: [{ changeType: 'modified', before, after }] }
  })

describe('a negated operator', () => {
  it.each([
    ['not_equals', 'equals', scalar],
    ['not_in', 'in', fc.array(scalar, { minLength: 1, maxLength: 3 })],
    ['not_contains', 'contains', scalar],
  ] as const)(
    '%s is not %s wherever all is known, and never holds beside it',
    (negation, operator, argument) => {
      fc.assert(
        fc.property(
          view,
          argument as fc.Arbitrary<Json>,
          fc.constantFrom('old', 'new'),
          (seen, wanted, of) => {
            const [no, yes] = [negation, operator].map((name) => holds(name, { value: wanted, of }, seen))
            expect(no && yes).toBe(false)
            if (seen[of as 'old' | 'new'].complete) expect(no).toBe(!yes)
            else expect(no).toBe(false)
          },
        ),
      )
    },
  )
})

it('in is equals with one of the list', () => {
  fc.assert(
    fc.property(view, fc.array(scalar, { minLength: 1, maxLength: 4 }), (seen, list) => {
      const each = list.some((one) => holds('equals', { value: one }, seen))
      expect(holds('in', { value: list }, seen)).toBe(each)
    }),
  )
})

it('exists with false is the contrary of exists where all is known', () => {
  fc.assert(
    fc.property(view, (seen) => {
      const [yes, no] = [true, false].map((one) => holds('exists', { value: one }, seen))
      expect(no).toBe(seen.new.complete && !yes)
    }),
  )
})

it('of a number exactly one of lt, gt and equals holds, and gte and lte are the contrary of lt and gt', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.boolean(), (actual, wanted, asText) => {
      const side: Reading = { values: [asText ? String(actual) : actual], complete: true }
      const seen: AttributeView = { changes: [], old: side, new: side }
      const [lt, gt, equals, gte, lte] = ['lt', 'gt', 'equals', 'gte', 'lte'].map((name) =>
        holds(name, { value: wanted }, seen),
      )
      expect([lt, gt, equals].filter(Boolean)).toHaveLength(1)
      expect([gte, lte]).toEqual([!lt, !gt])
    }),
  )
})

it('removed is added of the change turned round', () => {
  fc.assert(
    fc.property(value, value, fc.option(scalar, { nil: undefined }), (before, after, wanted) => {
      const one = (from: Json, to: Json): AttributeView => {
        const side: Reading = { values: [], complete: true }
        return { changes: [{ changeType: 'modified', before: from, after: to }], old: side, new: side }
      }
      const args = wanted === undefined ? {} : { value: wanted }
      expect(holds('removed', args, one(before, after))).toBe(holds('added', args, one(after, before)))
    }),
  )
})

describe('conditions of conditions', () => {
  const leaf = fc.record({
    attribute: fc.constantFrom('a', 'b', 'c', 'tags.*'),
    operator: fc.constantFrom('changed', 'added', 'exists'),
  })
  const subject = fc
    .uniqueArray(fc.constantFrom('a', 'b', 'tags.x'), { maxLength: 3 })
    .map((names) => subjectOf(aFinding({ row: aRow({ c: 1 }), diffs: names.map((one) => aDiff(one, 1, 2)) })))

  it('keep the laws of De Morgan', () => {
    fc.assert(
      fc.property(fc.array(leaf, { minLength: 1, maxLength: 3 }), subject, (leaves, seen) => {
        const notAll = compileCondition({ not: { all: leaves } })(seen)
        const anyNot = compileCondition({ any: leaves.map((one) => ({ not: one })) })(seen)
        expect(notAll).toBe(anyNot)
        expect(compileCondition({ not: { any: leaves } })(seen)).toBe(
          compileCondition({ all: leaves.map((one) => ({ not: one })) })(seen),
        )
      }),
    )
  })
})

describe('ranges of addresses', () => {
  const cidr = fc.oneof(
    fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
    fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
  )

  it('contain themselves and every longer prefix of theirs, and public is what has a public part', () => {
    fc.assert(
      fc.property(cidr, fc.nat(64), ([address, prefix], more) => {
        const [range] = cidrsOf(`${address}/${prefix}`)
        if (!range) return expect(address).toMatch(/^::ffff:/i)
        const inner = { ...range, prefix: Math.min(range.bits, prefix + more) }
        expect(covers(range, inner)).toBe(true)
        expect(covers(inner, range)).toBe(inner.prefix === prefix)
        if (isPublic(inner)) expect(isPublic(range)).toBe(true)
      }),
    )
  })
})

it("IAM's wildcards match as a regular expression of them does", () => {
  const letters = (alphabet: string) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 8 })
  fc.assert(
    fc.property(letters('ab*?'), letters('ab'), (pattern, text) => {
      const expression = pattern.replaceAll(/\*+/g, '.*').replaceAll('?', '.')
      expect(iamGlob(pattern)(text)).toBe(new RegExp(`^${expression}$`).test(text))
    }),
    { numRuns: 500 },
  )
})
