import { type Command, Option } from 'commander'
import type { Io } from '../io.ts'
import type { CoverageOptions } from '../mappings/show-coverage.ts'

export function coverageCommand(program: Command, io: Io): void {
  program
    .command('coverage')
    .description(
      'what is compared, what is only noticed, what is unmapped: of the mappings, or of given logs',
    )
    .option('--events <path...>', 'files or folders of audit events, in any form')
    .addOption(new Option('--format <format>', 'text or json').choices(['text', 'json']).default('text'))
    .action(async (options: CoverageOptions) => {
      // Only here: the other commands need no cases.
      const { showCoverage } = await import('../mappings/show-coverage.ts')
      await showCoverage(options, io)
    })
}
