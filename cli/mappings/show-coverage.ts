import { loadMappings } from '../../mappings/index.ts'
import { readEvents } from '../detect/read-inputs.ts'
import { Exit, type Io } from '../io.ts'
import { coverageOf } from './coverage.ts'
import { coverageText, logCoverageText } from './coverage-text.ts'
import { createLogCoverage } from './log-coverage.ts'
import { readCases } from './read-cases.ts'

export interface CoverageOptions {
  events?: string[]
  format: 'text' | 'json'
}

/** What is compared: of the mappings, or of the events in the given files. */
export async function showCoverage({ events, format }: CoverageOptions, io: Io): Promise<void> {
  const mappings = loadMappings()
  const coverage = await coverageOf(mappings, readCases())
  const json = (result: object) => `${JSON.stringify(result, null, 2)}\n`
  if (events === undefined) {
    io.stdout.write(format === 'json' ? json(coverage) : coverageText(coverage))
    return
  }
  const log = createLogCoverage(mappings, coverage)
  const problems: string[] = []
  const sink = { hashKey: Buffer.alloc(32), problems, onEvent: log.add }
  const { records } = await readEvents({ events }, sink)
  const result = log.result()
  io.stdout.write(format === 'json' ? json(result) : logCoverageText(result))
  for (const problem of problems) io.stderr.write(`${problem}\n`)
  if (problems.length > records) throw new Exit(1)
}
