import { type Command, Option } from 'commander'
import type { Io } from '../io.ts'
import type { TestOptions } from '../mappings/test-mappings.ts'

export function mappingsCommand(program: Command, io: Io): void {
  program
    .command('mappings')
    .description("what each call means in Terraform's terms")
    .command('test')
    .argument('[filter...]', 'only cases whose file or name has one of these words in it')
    .description('run the labelled cases; tell precision and recall by provider and service')
    .option('--cases <dir>', 'a folder of cases in place of the shipped ones')
    .addOption(new Option('--format <format>', 'text or json').choices(['text', 'json']).default('text'))
    .action(async (filters: string[], options: TestOptions) => {
      // Only here: the other commands need no cases.
      const { testMappings } = await import('../mappings/test-mappings.ts')
      await testMappings(filters, options, io)
    })
}
