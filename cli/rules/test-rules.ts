import type { Rule } from '../../processors/rules/schema.ts'
import { Exit, type Io } from '../io.ts'
import { textTable } from '../mappings/text-table.ts'
import { type ChosenRules, chosenRules, rulesWith } from './chosen-rules.ts'
import { createRuleJudge, type RuleTestResult } from './judge-rule.ts'

/** Runs the inline tests of the rules. Exit 1 if any fails, or if there is none to run. */
export async function testRules(
  words: string[],
  options: ChosenRules & { format: 'text' | 'json' },
  io: Io,
): Promise<void> {
  const rules = rulesWith(chosenRules(options, io), words)
  if (rules.every(({ tests }) => !tests))
    throw new Exit(1, `none of ${rules.length} rules has tests; see rules/README.md`)
  const judge = createRuleJudge()
  const results: RuleTestResult[] = []
  for (const rule of rules) results.push(...(await judge(rule)))
  const failed = results.filter(({ fault }) => fault !== null)
  const untested = rules.filter(({ tests }) => !tests).map(({ id }) => id)
  if (options.format === 'json') {
    const failures = failed.map(({ rule: { id, file }, test, fault }) => ({
      file,
      rule: id,
      test: test.name,
      fault,
    }))
    io.stdout.write(
      `${JSON.stringify({ rules: rules.length, tests: results.length, untested, failures }, null, 2)}\n`,
    )
  } else {
    for (const { rule, test, fault } of failed)
      io.stdout.write(`FAILED  ${rule.file}: ${rule.id}: ${test.name}\n        ${fault}\n`)
    io.stdout.write(summary(rules, results))
    if (untested.length > 0) io.stderr.write(`without tests: ${untested.join(', ')}\n`)
  }
  if (failed.length > 0) throw new Exit(1)
}

function summary(rules: readonly Rule[], results: readonly RuleTestResult[]): string {
  const files = [...new Set(rules.map(({ file }) => file))]
  const rows = files.map((file) => {
    const own = results.filter(({ rule }) => rule.file === file)
    const many = (expect: string) => own.filter(({ test }) => test.expect === expect).length
    const counts = [
      rules.filter((rule) => rule.file === file).length,
      many('match'),
      many('no-match'),
      own.filter(({ fault }) => fault !== null).length,
    ]
    return [file, ...counts.map(String)]
  })
  return textTable([['', 'rules', 'match', 'no match', 'failed'], ...rows], { left: 1 })
}
