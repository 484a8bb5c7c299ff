import { type Command, InvalidArgumentError } from 'commander'
import { loadConfig } from '../config/load.ts'
import { Exit, type Io } from '../io.ts'
import { type Role, roles } from '../service/roles.ts'

interface RunOptions {
  config?: string
  bus?: 'embedded' | 'kafka'
  roles?: Role[]
}

/** SIGTERM must have drained everything by then. */
const DRAIN_MS = 25_000

export function runCommand(program: Command, io: Io): void {
  program
    .command('run')
    .description('the long-running service')
    .option(
      '--config <file>',
      'configuration file; else TFDRIFT_CONFIG, ./tfdrift.yaml, /etc/tfdrift/config.yaml',
    )
    .option('--roles <roles>', `which parts run in this process: ${roles.join(',')} (default: all)`, roleList)
    .option('--bus <kind>', 'embedded or kafka, whatever the configuration says', busKind)
    .action((options: RunOptions) => run(options, io))
}

async function run(options: RunOptions, io: Io): Promise<void> {
  const config = loadConfig(options.config, io.env, options.bus)
  const wanted = options.roles ?? roles
  if (config.bus.kind === 'embedded' && wanted.length < roles.length) {
    throw new Exit(
      1,
      '--roles: the embedded bus runs all roles in one process; leave --roles out, or use bus.kind: kafka',
    )
  }
  let fail: (error: Error) => void = () => {}
  const fatal = new Promise<never>((_, reject) => {
    fail = reject
  })
  // Nobody may be waiting yet when it strikes.
  fatal.catch(() => {})
  // Only here: the other commands need no Kafka client and no store.
  const { startService } = await import('../service/service.ts')
  const service = await startService(config, wanted, io, fail)
  try {
    await Promise.race([aborted(io.signal), fatal])
  } finally {
    const late = setTimeout(() => process.exit(1), DRAIN_MS)
    await service.stop()
    clearTimeout(late)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function roleList(text: string): Role[] {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !(roles as readonly string[]).includes(name))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`No role ${unknown}; choose among ${roles.join(', ')}.`)
  return names as Role[]
}

function busKind(text: string): 'embedded' | 'kafka' {
  if (text === 'embedded' || text === 'kafka') return text
  throw new InvalidArgumentError('Choose embedded or kafka.')
}
