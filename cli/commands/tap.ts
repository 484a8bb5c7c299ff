import type { Command } from 'commander'
import type { Io } from '../io.ts'
import { type AskOptions, ask } from './ask.ts'

export function tapCommand(program: Command, io: Io): void {
  program
    .command('tap')
    .argument('<topic>', 'a topic, with or without its prefix')
    .description("a topic's records, decoded and masked, as NDJSON")
    .option('--follow', 'go on with the records to come')
    .option('--config <file>', 'configuration file')
    .action((topic: string, { follow, ...options }: AskOptions & { follow?: boolean }) =>
      ask('tap', { topic, ...(follow && { follow }) }, options, io),
    )
}
