import type { Command } from 'commander'
import { Exit, type Io } from '../io.ts'
import { type AskOptions, ask } from './ask.ts'

export function stateCommand(program: Command, io: Io): void {
  const state = program.command('state').description('what the state table holds, redacted')
  state
    .command('list')
    .description('a line for each resource instance')
    .option('--config <file>', 'configuration file')
    .action((options: AskOptions) => ask('state', {}, options, io))
  state
    .command('show')
    .argument('<address-or-id>', "a resource's address, id or ARN")
    .description('everything known of one resource')
    .option('--config <file>', 'configuration file')
    .action(async (of: string, options: AskOptions) => {
      let shown = 0
      await ask('state', { of }, options, io, (row) => {
        shown++
        io.stdout.write(`${JSON.stringify(row, null, 2)}\n`)
      })
      if (shown === 0) throw new Exit(1, `no state holds ${of}; tfdrift state list shows what they hold`)
    })
}
