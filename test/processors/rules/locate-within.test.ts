import { expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { loadRules } from '../../../processors/rules/load.ts'
import { locateWithin } from '../../../processors/rules/locate-within.ts'

it.each([
  ['plain', 'a: one && two == 3'],
  ['single quotes', `a: 'one == "x" && two'`],
  ['double quotes', 'a: "one && two"'],
  ['a literal block', 'a: |\n    one &&\n      two ||\n    three\n'],
  ['a literal block with a comment', 'a: |- # why\n    one &&\n    two\n'],
  ['a folded block', 'a: >-\n    one &&\n    two\n'],
  ['a plain text over lines', 'a: one &&\n  two\n'],
])('a character of %s is found', (_, text) => {
  const document = parseDocument(text)
  const value = String(document.get('a'))
  const start = document.getIn(['a'], true) as { range: number[] }
  expect(locateWithin(text, start.range[0]!, value, value.indexOf('two'))).toBe(text.indexOf('two'))
})

it('a fault of an expression is shown where it stands', () => {
  const text = `rules:
  - id: a
    name: A
    resource_types: [aws_instance]
    severity: low
    expression: |
      account == "1" &&
        actr.tool == "cli"
  - id: b
    name: B
    resource_types: [aws_instance]
    severity: low
    expression: 'actor.tool == "cli" && region ='
`
  expect(loadRules([{ path: 'my.yaml', text }]).errors).toEqual([
    {
      file: 'my.yaml',
      line: 8,
      column: 9,
      field: 'rules[0].expression',
      message: 'Unknown variable: actr',
      fix: 'did you mean actor?',
    },
    expect.objectContaining({ line: 13, column: 48, field: 'rules[1].expression' }),
  ])
})
