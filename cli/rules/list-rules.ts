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
  const rows = rules.map(({ id, severity, name, resource_types, types, file }) => [
    id,
    severity,
    name,
    (resource_types ?? types ?? []).join(', '),
    file,
  ])
  io.stdout.write(textTable(rows, { left: 5 }))
}
