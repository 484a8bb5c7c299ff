import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { unconfiguredIn } from '../../processors/channels.ts'
import type { LoadedRules } from '../../processors/rules/load.ts'
import { ConfigError, type Fault, formatFault } from '../config/faults.ts'
import { type Config, loadConfig } from '../config/load.ts'
import { Exit, type Io } from '../io.ts'
import { type JudgementFiles, judgementFiles, readJudgement } from '../judgement.ts'
import { namedSinks } from '../named-sinks.ts'

interface ValidateOptions {
  config?: string
  rules?: string[]
  strict?: boolean
}

export function validateCommand(program: Command, io: Io): void {
  program
    .command('validate')
    .description('check configuration, rules and ignore lists; each fault with file, line, field and fix')
    .option('--config <file>', 'configuration file')
    .option('--rules <dir...>', 'rule folders; alone, only these are checked')
    .option('--strict', 'exit with 1 for warnings too: rules that name a sink which is not configured')
    .action((options: ValidateOptions) => validate(options, io))
}

function validate(options: ValidateOptions, io: Io): void {
  const faults: string[] = []
  const config = checkConfig(options, io, faults)
  const files = filesOf(options, config)
  const read = readJudgement(files)
  faults.push(...read.faults.map(formatFault))
  if (read.faults.length === 0 && files.folders.length > 0)
    io.stdout.write(`${read.rules.length} rules: ok\n`)
  for (const file of files.ignore) if (existsSync(file)) sayIfGood(file, read, io)
  const warnings = faults.length === 0 ? warningsOf(read, config) : []
  for (const warning of warnings) io.stderr.write(`warning: ${formatFault(warning)}\n`)
  if (faults.length > 0) throw new Exit(1, faults.join('\n'))
  if (options.strict && warnings.length > 0) throw new Exit(1, 'warnings are faults with --strict')
}

/** null where only rules are to be checked, or where it has faults. */
function checkConfig({ config: file, rules }: ValidateOptions, io: Io, faults: string[]): Config | null {
  if (file === undefined && rules !== undefined) return null
  try {
    const config = loadConfig(file, io.env)
    io.stdout.write(`${config.file}: ok\n`)
    return config
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    faults.push(error.message)
    return null
  }
}

function filesOf({ rules = [] }: ValidateOptions, config: Config | null): JudgementFiles {
  if (!config) return { folders: rules, ignore: [] }
  const { shippedRules, rules: folders, ignore } = config
  return judgementFiles({ shipped: shippedRules, folders: [...rules, ...folders], ignore })
}

function sayIfGood(file: string, { faults, ignores }: ReturnType<typeof readJudgement>, io: Io): void {
  if (faults.some((fault) => fault.file === file)) return
  io.stdout.write(`${file}: ${ignores.filter((line) => line.file === file).length} lines: ok\n`)
}

/** What rules name and no sink is configured for: their alerts go without it. */
function warningsOf({ rules, placeOf }: LoadedRules, config: Config | null): Fault[] {
  const sinks = config ? namedSinks(config) : []
  const fix = config
    ? 'add one under "sinks:"; until then alerts carry it as pending'
    : 'name the configuration that has one with --config'
  return rules.flatMap((rule) =>
    unconfiguredIn(rule, sinks).map(({ path, name }) => {
      const kind = name === 'audit_log' ? 'the kind audit-log' : `the name or the kind ${name}`
      return { ...placeOf(rule, path), message: `no sink has ${kind}`, fix }
    }),
  )
}
