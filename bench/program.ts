import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { Io } from '../cli/io.ts'
import { backlog } from './backlog.ts'
import { context } from './context.ts'
import { detect } from './detect.ts'
import type {
  BacklogOptions,
  ContextOptions,
  DetectOptions,
  RulesOptions,
  ThroughputOptions,
} from './options.ts'
import { rules } from './rules.ts'
import { throughput } from './throughput.ts'

/** Runs a benchmark and returns the exit code: 1 if it could not be run, or if the product lost or added an alert. */
const benches = { throughput, backlog, detect, rules, context }

export async function runBench(args: readonly string[], io: Io, run = benches): Promise<number> {
  const program = new Command('bench')
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
    .exitOverride()
  let complete = true
  program
    .command('throughput')
    .description('a backlog of events, every one a drift with an alert, beside a loop without product code')
    .addOption(new Option('--bus <kind>').choices(['kafka', 'embedded']).default('kafka'))
    .option('--resources <n>', 'instances in the Terraform states', count(1), 100_000)
    .option('--events <n>', 'events, each of which must give an alert', count(1_000), 60_000)
    .option('--instances <n>', 'processes that share the work', count(1), 1)
    .option('--rounds <n>', 'how often everything is done', count(1), 3)
    .option('--profile <dir>', "writes the product's CPU profiles there; the figures are lower with it")
    .action(async (options: ThroughputOptions) => {
      complete = await run.throughput(options, io)
    })
  program
    .command('backlog')
    .description(
      'gzipped objects in S3, announced on SQS, to alerts on Kafka: ordinary traffic, most of which only reads',
    )
    .option('--records <n>', 'CloudTrail records, 1,000 in each object', count(10_000), 200_000)
    .option('--resources <n>', 'instances in the Terraform state', count(1), 10_000)
    .option('--drifts <percent>', 'records that are a drift, of a hundred', count(1), 2)
    .action(async (options: BacklogOptions) => {
      complete = await run.backlog(options, io)
    })
  program
    .command('detect')
    .description('`tfdrift detect` over gzipped files: ordinary traffic, most of which only reads')
    .option('--records <n>', 'CloudTrail records, 1,000 in each file', count(1_000), 200_000)
    .option('--resources <n>', 'instances in the Terraform state', count(1), 50_000)
    .action(async (options: DetectOptions) => {
      complete = await run.detect(options, io)
    })
  program
    .command('rules')
    .description('the time that an event takes with few rules, and with many that do not concern it')
    .option('--rules <n>', 'how many are many', count(1_000), 10_000)
    .option('--events <n>', 'events of a round', count(1), 20_000)
    .option('--rounds <n>', 'how often everything is measured', count(1), 7)
    .action(async (options: RulesOptions) => {
      complete = await run.rules(options, io)
    })
  program
    .command('context')
    .description("what an alert's history and blast radius cost")
    .option('--resources <n>', 'instances in the Terraform state', count(1_000), 100_000)
    .option('--look-ups <n>', 'look-ups of each kind', count(10), 2_000)
    .action(async (options: ContextOptions) => {
      complete = await run.context(options, io)
    })
  try {
    await program.parseAsync(args, { from: 'user' })
    return complete ? 0 : 1
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1
    io.stderr.write(`bench: ${explain(error)}\n`)
    return 1
  }
}

function count(least: number): (text: string) => number {
  return (text) => {
    if (/^\d+$/.test(text) && Number(text) >= least) return Number(text)
    throw new InvalidArgumentError(`Write a whole number of at least ${least}.`)
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}
