import { type Command, InvalidArgumentError, Option } from 'commander'
import { loadRules } from '../../processors/rules/load.ts'
import { readRuleFiles } from '../../rules/index.ts'
import type { OffsetReset } from '../../streams/bus.ts'
import { formatFault } from '../config/faults.ts'
import { Exit, type Io } from '../io.ts'
import type { RuleChange, RuleRehearsal } from '../operations/rehearse-rules.ts'
import type { RehearsalRange } from '../operations/retell.ts'
import { rehearsalReport, rehearsalText } from '../rules/rehearsal-report.ts'
import { type AskOptions, ask } from './ask.ts'

interface ReplayOptions extends AskOptions {
  from?: OffsetReset
  to?: number
  dryRun?: boolean
  rules?: string[]
  format?: 'text' | 'json'
}

export function replayCommand(program: Command, io: Io): void {
  program
    .command('replay')
    .description("reset the processor's offsets: events are processed again, and nothing is delivered twice")
    .option('--from <place>', 'earliest, an offset, or a time (RFC 3339); with --dry-run: earliest', place)
    .option('--to <time>', 'with --dry-run: the end of what is looked at (RFC 3339, exclusive)', time)
    .option('--dry-run', 'reprocess beside the service and say what would differ')
    .option('--rules <dir...>', 'with --dry-run: what these would say in place of the configured rules')
    .addOption(new Option('--format <format>', 'with --rules: text or json').choices(['text', 'json']))
    .option('--config <file>', 'configuration file')
    .action((options: ReplayOptions) => {
      if (!options.dryRun) return reset(options, io)
      return options.rules ? rehearseRules(options, io) : rehearse(options, io)
    })
}

async function reset({ from, to, rules, format, ...options }: ReplayOptions, io: Io): Promise<void> {
  if (!from) throw new Exit(1, '--from: say where: earliest, an offset, or a time; or add --dry-run')
  if (to !== undefined) throw new Exit(1, '--to: an offset reset has no end; use it with --dry-run')
  if (rules || format) throw new Exit(1, `--${rules ? 'rules' : 'format'}: use it with --dry-run`)
  await ask('replay', { from }, options, io)
}

async function rehearse({ from, to, format, ...options }: ReplayOptions, io: Io): Promise<void> {
  if (format) throw new Exit(1, '--format: use it with --rules; without, each difference is a line of JSON')
  let differences = 0
  await ask('rehearse', rangeOf(from, to), options, io, (difference) => {
    differences++
    io.stdout.write(`${JSON.stringify(difference)}\n`)
  })
  io.stderr.write(differences === 0 ? 'nothing would differ\n' : `${differences} alerts would differ\n`)
}

async function rehearseRules({ from, to, rules, format, ...options }: ReplayOptions, io: Io): Promise<void> {
  const files = readRuleFiles(rules!)
  const { errors } = loadRules(files)
  if (errors.length > 0) throw new Exit(1, errors.map(formatFault).join('\n'))
  const changes: RuleChange[] = []
  let summary: RuleRehearsal = { before: 0, alerts: 0, rules: [] }
  await ask('rehearseRules', { ...rangeOf(from, to), rules: files }, options, io, (result) => {
    if ('change' in result) changes.push(result as RuleChange)
    else summary = result as RuleRehearsal
  })
  const report = rehearsalReport(changes, summary)
  io.stdout.write(format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : rehearsalText(report))
}

function rangeOf(from: OffsetReset | undefined, to: number | undefined): RehearsalRange {
  if (from?.to === 'offset' || from?.to === 'latest')
    throw new Exit(1, '--from: with --dry-run, give a time or earliest')
  return { ...(from?.to === 'time' && { from: from.time }), ...(to !== undefined && { to }) }
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
