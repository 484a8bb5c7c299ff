import { type Command, InvalidArgumentError } from 'commander'
import type { OffsetReset } from '../../streams/bus.ts'
import { Exit, type Io } from '../io.ts'
import { type AskOptions, ask } from './ask.ts'

interface ReplayOptions extends AskOptions {
  from: OffsetReset
  to?: number
  dryRun?: boolean
}

export function replayCommand(program: Command, io: Io): void {
  program
    .command('replay')
    .description("reset the processor's offsets: events are processed again, and nothing is delivered twice")
    .requiredOption('--from <place>', 'earliest, an offset, or a time (RFC 3339)', place)
    .option('--to <time>', 'with --dry-run: the end of what is looked at (RFC 3339, exclusive)', time)
    .option('--dry-run', 'reprocess beside the service and say what would differ')
    .option('--config <file>', 'configuration file')
    .action((options: ReplayOptions) => (options.dryRun ? rehearse(options, io) : reset(options, io)))
}

async function reset({ from, to, ...options }: ReplayOptions, io: Io): Promise<void> {
  if (to !== undefined) throw new Exit(1, '--to: an offset reset has no end; use it with --dry-run')
  await ask('replay', { from }, options, io)
}

async function rehearse({ from, to, ...options }: ReplayOptions, io: Io): Promise<void> {
  if (from.to === 'offset') throw new Exit(1, '--from: with --dry-run, give a time or earliest')
  const range = { ...(from.to === 'time' && { from: from.time }), ...(to !== undefined && { to }) }
  let differences = 0
  await ask('rehearse', range, options, io, (difference) => {
    differences++
    io.stdout.write(`${JSON.stringify(difference)}\n`)
  })
  io.stderr.write(differences === 0 ? 'nothing would differ\n' : `${differences} alerts would differ\n`)
}

function place(text: string): OffsetReset {
  if (text === 'earliest' || text === 'latest') return { to: text }
  if (/^\d+$/.test(text)) return { to: 'offset', offset: Number(text) }
  return { to: 'time', time: time(text) }
}

function time(text: string): number {
  const ms = Date.parse(text)
  if (!Number.isNaN(ms) && /^\d{4}-\d\d-\d\d/.test(text)) return ms
  throw new InvalidArgumentError('Write earliest, an offset, or a time such as 2026-03-01T10:00:00Z.')
}
