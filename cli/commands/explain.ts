import { type Command, Option } from 'commander'
import { type ExplainOptions, runExplain } from '../explain/run-explain.ts'
import type { Io } from '../io.ts'

export function explainCommand(program: Command, io: Io): void {
  program
    .command('explain')
    .description('why one event gave an alert, or none')
    .argument('<event-id>', 'as the cloud shows it, and as detect prints it')
    .requiredOption('--state <file...>', 'Terraform state files')
    .requiredOption('--events <path...>', 'files or folders of audit events, in any form')
    .option('--rules <dir...>', 'rule folders in place of the shipped packs, or none')
    .option('--ignore <file...>', 'ignore lists in place of ./.tfdriftignore, or none')
    .addOption(
      new Option('--format <format>', 'text, or JSON for programs').choices(['text', 'json']).default('text'),
    )
    .action((id: string, options: ExplainOptions) => runExplain(id, options, io))
}
