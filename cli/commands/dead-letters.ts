import type { Command } from 'commander'
import { Exit, type Io } from '../io.ts'
import { type AskOptions, ask } from './ask.ts'

export function deadLettersCommand(program: Command, io: Io): void {
  const letters = program.command('dead-letters').description('what could not be processed')
  letters
    .command('list')
    .description('a line for each: stage, code, reason, origin')
    .option('--config <file>', 'configuration file')
    .action((options: AskOptions) => ask('deadLetters', {}, options, io))
  letters
    .command('show')
    .argument('<id>', 'an id of the list: TOPIC/PARTITION/OFFSET')
    .description('one of them opened, redacted')
    .option('--raw', 'its exact bytes instead, with every secret in them')
    .option('--config <file>', 'configuration file')
    .action((id: string, { raw, ...options }: AskOptions & { raw?: boolean }) =>
      ask('deadLetter', { id, ...(raw && { raw }) }, options, io, (result) => show(result, io)),
    )
  letters
    .command('redrive')
    .argument('[id...]', 'ids of the list')
    .description('send them where they came from, to be processed again; each at most three times')
    .option('--all', 'all that have not been redriven yet')
    .option('--config <file>', 'configuration file')
    .action((ids: string[], options: AskOptions & { all?: boolean }) => redrive(ids, options, io))
}

function show(result: { base64?: string }, { stdout }: Io): void {
  const { base64 } = result
  stdout.write(base64 === undefined ? `${JSON.stringify(result, null, 2)}\n` : Buffer.from(base64, 'base64'))
}

async function redrive(
  ids: string[],
  { all, ...options }: AskOptions & { all?: boolean },
  io: Io,
): Promise<void> {
  if (ids.length > 0 === (all === true)) throw new Exit(1, 'redrive: name ids of the list, or give --all')
  let refused = 0
  await ask('redrive', all ? {} : { ids }, options, io, (result: { ok?: boolean }) => {
    if (!result.ok) refused++
    io.stdout.write(`${JSON.stringify(result)}\n`)
  })
  if (refused > 0) throw new Exit(1, `${refused} not redriven`)
}
