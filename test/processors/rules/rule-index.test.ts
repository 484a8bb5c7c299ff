import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileRule } from '../../../processors/rules/compile.ts'
import { indexRules } from '../../../processors/rules/rule-index.ts'
import { subjectOf } from '../../../processors/rules/subject.ts'
import { aCall, aDiff, aFinding, aRow, aRule } from '../a-finding.ts'

function candidates(lines: string[], finding: Parameters<typeof aFinding>[0] = {}) {
  const rules = lines.map((line, n) => compileRule(aRule(line, `r${n}`)))
  return indexRules(rules)
    .candidates(subjectOf(aFinding(finding)))
    .map(({ rule }) => rule.id)
}

test('only rules that may match are tried: by type, by the name of the event, by what must have changed', () => {
  const lines = [
    'conditions: [{ attribute: disable_api_termination, operator: changed }]',
    'conditions: [{ attribute: user_data, operator: changed }]',
    'events: [ModifyInstanceAttribute]',
    'events: [TerminateInstances]',
    'resource_types: [aws_s3_bucket]',
    'conditions: [{ attribute: monitoring, operator: equals, value: true }]',
    'conditions: [{ any: [{ attribute: tags.a, operator: added }, { attribute: user_data, operator: removed }] }]',
    'conditions: [{ attribute: x, operator: exists }, { attribute: user_data, operator: changed }]',
    'conditions: [{ not: { attribute: user_data, operator: changed } }]',
    'events: ["Terminate*"]',
    'conditions: [{ element_of: user_data, all: [{ attribute: a, operator: changed }] }]',
  ]
  expect(candidates(lines)).toEqual(expect.arrayContaining(['r0', 'r2', 'r5', 'r8', 'r9']))
  expect(candidates(lines)).toHaveLength(5)
})

test('10,000 rules of other attributes and events are not tried', () => {
  const rule = aRule()
  const compiled = Array.from({ length: 10_000 }, (_, n) =>
    compileRule({ ...rule, id: `r${n}`, ...bodyOf(n) }),
  )
  const subject = subjectOf(aFinding())
  expect(indexRules(compiled).ofType('aws_instance')).toHaveLength(10_000)
  expect(indexRules(compiled).candidates(subject)).toEqual([])
})

function bodyOf(n: number) {
  return n % 2 === 0
    ? { conditions: [{ attribute: `other_${n}.x`, operator: 'changed' }] }
    : { conditions: [], events: [`Other${n}`] }
}

test('no rule that would match is passed over', () => {
  const attribute = fc.constantFrom('a', 'b.c', 'b', 'l[*].x', '*', 'apiName', 'b.*')
  const leaf = fc.record({ attribute, operator: fc.constantFrom('changed', 'added', 'removed', 'exists') })
  const condition = fc.oneof(
    leaf,
    fc.array(leaf, { minLength: 1, maxLength: 2 }).map((all) => ({ all })),
    fc.array(leaf, { minLength: 1, maxLength: 2 }).map((any) => ({ any })),
    leaf.map((not) => ({ not })),
    fc.record({ element_of: fc.constantFrom('l', 'b', '*', 'apiName'), all: fc.tuple(leaf) }),
  )
  const events = fc.option(fc.constantFrom<string[]>(['A'], ['B', 'A20150331'], ['*'], ['C']), {
    nil: undefined,
  })
  const diffs = fc.uniqueArray(fc.constantFrom('a', 'b', 'b.c', 'l', 'l[0].x', 'm'), { maxLength: 3 })
  const rule = aRule()
  const body = fc.record({ conditions: fc.array(condition, { minLength: 1, maxLength: 2 }), events })
  fc.assert(
    fc.property(fc.array(body, { maxLength: 6 }), diffs, fc.boolean(), (bodies, names, isList) => {
      const rules = bodies.map(({ events: named, ...rest }, n) =>
        compileRule({ ...rule, id: `r${n}`, ...rest, ...(named && { events: named }) }),
      )
      const call = aCall({ name: 'A' })
      const finding = aFinding({
        row: aRow({ a: 1 }),
        diffs: names.map((name) => aDiff(name, isList ? [{ x: 1 }] : 1, isList ? [] : { c: 2 })),
        call: { ...call, sourceEvent: { ...call.sourceEvent, name: 'A20150331' } },
        apiNames: { m: ['apiName'] },
      })
      const subject = subjectOf(finding)
      const matching = rules.filter((rule) => typeof rule.judge(subject) === 'string')
      expect(indexRules(rules).candidates(subject)).toEqual(expect.arrayContaining(matching))
    }),
    { numRuns: 300 },
  )
})
