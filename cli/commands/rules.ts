import { type Command, Option } from 'commander'
import type { Io } from '../io.ts'
import type { ChosenRules } from '../rules/chosen-rules.ts'

type Options = ChosenRules & { format: 'text' | 'json' }

export function rulesCommand(program: Command, io: Io): void {
  const rules = program.command('rules').description('the loaded rules, and their inline tests')
  const add = (name: string, description: string) =>
    rules
      .command(name)
      .description(description)
      .argument('[filter...]', 'only rules whose id, name or file has one of these words in it')
      .option('--rules <dir...>', 'rule folders in place of the shipped packs')
      .option('--config <file>', 'the rules of this configuration')
      .addOption(new Option('--format <format>', 'text or json').choices(['text', 'json']).default('text'))
  add('list', 'a line for each rule').action(async (words: string[], options: Options) => {
    const { listRules } = await import('../rules/list-rules.ts')
    listRules(words, options, io)
  })
  add('test', 'run the tests that stand in the rules').action(async (words: string[], options: Options) => {
    const { testRules } = await import('../rules/test-rules.ts')
    await testRules(words, options, io)
  })
}
