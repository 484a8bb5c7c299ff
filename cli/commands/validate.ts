import type { Command } from 'commander'
import { loadRules } from '../../processors/rules/load.ts'
import { readRuleFiles, shippedRulesDir } from '../../rules/index.ts'
import { ConfigError, formatFault } from '../config/faults.ts'
import { loadConfig } from '../config/load.ts'
import { Exit, type Io } from '../io.ts'

interface ValidateOptions {
  config?: string
  rules?: string[]
}

export function validateCommand(program: Command, io: Io): void {
  program
    .command('validate')
    .description('check configuration and rules; each fault with file, line, field and fix')
    .option('--config <file>', 'configuration file')
    .option('--rules <dir...>', 'rule folders; alone, only these are checked')
    .action((options: ValidateOptions) => validate(options, io))
}

function validate(options: ValidateOptions, io: Io): void {
  const faults: string[] = []
  const folders = options.rules ?? []
  if (options.config !== undefined || folders.length === 0) {
    try {
      const config = loadConfig(options.config, io.env)
      folders.push(...(config.shippedRules ? [shippedRulesDir] : []), ...config.rules)
      io.stdout.write(`${config.file}: ok\n`)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      faults.push(error.message)
    }
  }
  const { rules, errors } = loadRules(readRuleFiles(folders))
  faults.push(...errors.map(formatFault))
  if (errors.length === 0 && folders.length > 0) io.stdout.write(`${rules.length} rules: ok\n`)
  if (faults.length > 0) throw new Exit(1, faults.join('\n'))
}
