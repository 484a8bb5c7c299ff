import type { Command } from 'commander'
import type { Io } from '../io.ts'
import { type AskOptions, ask } from './ask.ts'

export function topicsCommand(program: Command, io: Io): void {
  const topics = program
    .command('topics')
    .description('the topics of the topology, on the log that is configured')
  topics
    .command('list')
    .description('a line for each topic: partitions, cleanup, records, key, writers and readers')
    .option('--config <file>', 'configuration file')
    .action(async (options: AskOptions) => {
      await ask('topics', {}, options, io, ({ offsets: _, ...topic }: { offsets?: unknown }) =>
        io.stdout.write(`${JSON.stringify(topic)}\n`),
      )
    })
  topics
    .command('create')
    .description('create what is missing; refuses topics with other settings')
    .option('--config <file>', 'configuration file')
    .action((options: AskOptions) => ask('createTopics', {}, options, io))
  topics
    .command('describe')
    .argument('[topic]', 'a topic, with or without its prefix')
    .description('the same as list, with the offsets of every partition')
    .option('--config <file>', 'configuration file')
    .action((topic: string | undefined, options: AskOptions) =>
      ask('topics', topic === undefined ? {} : { topic }, options, io),
    )
}
