import { durationText } from '../../processors/rules/duration.ts'
import type { Rule } from '../../processors/rules/schema.ts'
import type { Io } from '../io.ts'
import { textTable } from '../mappings/text-table.ts'
import { type ChosenRules, chosenRules, rulesWith } from './chosen-rules.ts'

/** A line for each rule, in the order of the files; as JSON the rules without their tests. */
export function listRules(words: string[], options: ChosenRules & { format: 'text' | 'json' }, io: Io): void {
  const rules = rulesWith(chosenRules(options, io), words)
  if (options.format === 'json') {
    const shown = rules.map(({ tests, ...rule }) => ({ ...rule, tests: tests?.length ?? 0 }))
    io.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
    return
  }
  const rows = rules.map((rule) => [rule.id, rule.severity, rule.name, aboutWhat(rule), rule.file])
  io.stdout.write(textTable(rows, { left: 5 }))
}

/** The types that a rule is for, and within what time by whom where it looks at several events. */
function aboutWhat({ resource_types, types, threshold, pattern }: Rule): string {
  const together = threshold ?? pattern
  const within = together ? [`within ${durationText(together.window)} by ${together.by.join(', ')}`] : []
  return [...(resource_types ?? types ?? []), ...within].join(', ')
}
