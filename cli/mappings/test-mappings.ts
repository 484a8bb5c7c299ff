import { Exit, type Io } from '../io.ts'
import { accuracyTable } from './accuracy.ts'
import { accuracyText } from './accuracy-text.ts'
import { expectedAlert } from './case-alert.ts'
import { failureText } from './failure-text.ts'
import { readCases, shippedCases } from './read-cases.ts'
import { type CaseResult, chosenCases, runCases } from './run-cases.ts'

export interface TestOptions {
  cases?: string
  format: 'text' | 'json'
}

/** Runs the labelled cases; those that fail are told, and how right all are. Exit 1 if any fails. */
export async function testMappings(words: string[], { cases, format }: TestOptions, io: Io): Promise<void> {
  const chosen = chosenCases(readCases(cases), words)
  if (chosen.length === 0)
    throw new Exit(1, `${cases ?? shippedCases}: no case${words.length > 0 ? ` of ${words.join(', ')}` : ''}`)
  const results = await runCases(chosen)
  const failed = results.filter(({ verdict }) => !verdict.passed)
  const table = accuracyTable(results)
  if (format === 'json') {
    io.stdout.write(`${JSON.stringify({ ...table, failures: failed.map(failureJson) }, null, 2)}\n`)
  } else {
    for (const result of failed) io.stdout.write(`${failureText(result, io.stdout.columns)}\n`)
    io.stdout.write(accuracyText(table))
  }
  if (failed.length > 0) throw new Exit(1)
}

function failureJson({ one, verdict }: CaseResult): object {
  const { file, name, cite, why, doubt, reason } = one
  const { missing, unexpected, reasons, faults } = verdict
  const expected = one.expect.map(expectedAlert)
  return { file, name, cite, why, doubt, expected, missing, unexpected, reason, reasons, faults }
}
