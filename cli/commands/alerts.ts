import { userInfo } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Action } from '../../processors/commands.ts'
import { severities } from '../../processors/severity.ts'
import type { DriftState, Severity } from '../../schemas/types.ts'
import { driftLines, driftTable } from '../alerts-text.ts'
import { parseDuration } from '../durations.ts'
import type { Io } from '../io.ts'
import { type AskOptions, ask } from './ask.ts'

interface ListOptions extends AskOptions {
  status?: DriftState[]
  severity?: Severity[]
  address?: string
  format: 'text' | 'json'
}

interface SayOptions extends AskOptions {
  by?: string
  reason?: string
  for?: number
  until?: number
}

const states = ['open', 'acknowledged', 'suppressed', 'expired', 'resolved'] satisfies DriftState[]
const ID = 'of a drift or one of its alerts, or the beginning of it'

/** What is open, and what an operator says of it. */
export function alertsCommand(program: Command, io: Io): void {
  const alerts = program.command('alerts').description('what is open now, and what becomes of it')
  alerts
    .command('list')
    .description('a line for each drift that is not resolved')
    .addOption(new Option('--status <status...>', 'only these').choices(states))
    .addOption(new Option('--severity <severity...>', 'only these').choices(severities))
    .option('--address <glob>', 'only those whose address or resource id matches; * stands for anything')
    .addOption(format())
    .option('--config <file>', 'configuration file')
    .action((options: ListOptions) => list(options, io))
  alerts
    .command('show')
    .argument('<id>', ID)
    .description('one drift: its status and why, and its alerts that are not resolved')
    .addOption(format())
    .option('--config <file>', 'configuration file')
    .action((id: string, { format: as, ...options }: ListOptions) =>
      ask('alert', { id }, options, io, (drift) =>
        io.stdout.write(as === 'json' ? `${JSON.stringify(drift)}\n` : driftLines(drift as never)),
      ),
    )
  saying(alerts, 'ack', 'somebody looks after it', io, 'acknowledge')
  saying(alerts, 'resolve', 'it is over, though nobody has set it back', io, 'resolve')
  saying(alerts, 'suppress', 'nobody is to be told of it until then', io, 'suppress')
    .requiredOption('--reason <text>', 'why')
    .option('--for <duration>', 'how long, such as 8h or 7d', duration)
    .option('--until <time>', 'till when (RFC 3339)', time)
}

function saying(alerts: Command, name: string, meaning: string, io: Io, action: Action): Command {
  const command = alerts
    .command(name)
    .argument('<id>', ID)
    .description(meaning)
    .option('--by <name>', 'who says so; left out, the user of this system')
    .option('--config <file>', 'configuration file')
    .action((id: string, options: SayOptions) => say(id, action, options, command, io))
  return action === 'suppress' ? command : command.option('--reason <text>', 'why')
}

async function list(
  { status, severity, address, format: as, ...options }: ListOptions,
  io: Io,
): Promise<void> {
  const filter = {
    ...(status && { statuses: status }),
    ...(severity && { severities: severity }),
    ...(address !== undefined && { address }),
  }
  const drifts: object[] = []
  await ask('alerts', filter, options, io, (drift) => {
    if (as === 'json') io.stdout.write(`${JSON.stringify(drift)}\n`)
    else drifts.push(drift)
  })
  if (as === 'text' && drifts.length > 0) io.stdout.write(driftTable(drifts as never))
  if (as === 'text' && drifts.length === 0) io.stderr.write('nothing is open that matches\n')
}

async function say(
  id: string,
  action: Action,
  { by, reason, for: forMs, until, ...options }: SayOptions,
  command: Command,
  io: Io,
): Promise<void> {
  if (action === 'suppress' && (forMs === undefined) === (until === undefined)) {
    command.error('suppress: give either --for or --until')
  }
  const end = until ?? (forMs === undefined ? null : Date.now() + forMs)
  const said = {
    by: by ?? systemUser(io),
    reason: reason ?? null,
    until: end === null ? null : new Date(end).toISOString(),
  }
  await ask('commandAlert', { id, action, ...said }, options, io)
}

function format(): Option {
  return new Option('--format <format>', 'text or json').choices(['text', 'json']).default('text')
}

/** There may be no name for this user's number, as in a container. */
function systemUser({ env }: Io): string {
  try {
    return userInfo().username
  } catch {
    return env.USER ?? `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === null) throw new InvalidArgumentError('Write a duration such as 30m, 8h or 7d.')
  return ms
}

function time(text: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms) || !/^\d{4}-\d\d-\d\d/.test(text)) {
    throw new InvalidArgumentError('Write a time such as 2026-03-01T10:00:00Z.')
  }
  if (ms <= Date.now()) throw new InvalidArgumentError('That is past already.')
  return ms
}
