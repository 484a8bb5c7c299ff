import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Json } from '../../../processors/finding.ts'
import type { Operator, Reading } from '../../../processors/rules/operator.ts'
import { operators } from '../../../processors/rules/operators/index.ts'
import { shippedRulesDir } from '../../../rules/index.ts'

describe.each([...operators] as unknown as Operator[])(
  'operator $name',
  ({ name, args, test, doc, examples }) => {
    it.each(examples.map((example) => [JSON.stringify(example), example] as const))('%s', (_, example) => {
      const parsed = z.strictObject(args).parse(example.args)
      const changes = (example.attribute.changes ?? []).map((change) => ({
        changeType: change.changeType ?? ('modified' as const),
        before: change.before,
        after: change.after,
      }))
      const { value, old } = example.attribute
      expect(test(parsed)({ changes, new: reading(value), old: reading(old) })).toBe(example.holds)
    })

    it('has examples of both outcomes', () => {
      expect(new Set(examples.map(({ holds }) => holds))).toEqual(new Set([true, false]))
    })

    it('is in the table of rules/README.md', () => {
      const readme = readFileSync(path.join(shippedRulesDir, 'README.md'), 'utf8').replaceAll(/ +\|/g, ' |')
      expect(readme).toContain(`| \`${name}\` | ${doc} |`)
    })
  },
)

function reading(value: Json | undefined): Reading {
  return value === undefined ? { values: [], complete: false } : { values: [value], complete: true }
}
