import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { severities } from '../../processors/severity.ts'
import type { Severity } from '../../schemas/types.ts'
import { runDetect } from '../detect/run-detect.ts'
import type { Io } from '../io.ts'

export function detectCommand(program: Command, io: Io): void {
  program
    .command('detect')
    .description('compare audit events in files with Terraform states, to completion')
    .requiredOption('--state <file...>', 'Terraform state files')
    .requiredOption('--events <path...>', 'files or folders of audit events, in any form')
    .option('--rules <dir...>', 'rule folders in place of the shipped packs, or none')
    .option('--ignore <file...>', 'ignore lists in place of ./.tfdriftignore, or none')
    .option('--format <format>', 'text, ndjson, markdown, ocsf or sarif', 'text')
    .option('--fail-on <severity>', 'exit with 2 if an open finding is at least this severe', severity)
    .option('--from <time>', 'ignore events before this time (RFC 3339)', time)
    .option('--to <time>', 'ignore events from this time on (RFC 3339)', time)
    .option('--uncompared', 'print also changes that are not compared')
    .option('--no-color', 'no colour')
    .action((options) => runDetect(options, io))
}

function severity(text: string): Severity {
  if ((severities as readonly string[]).includes(text)) return text as Severity
  throw new InvalidArgumentError(`Choose one of ${severities.join(', ')}.`)
}

function time(text: string): number {
  const ms = Date.parse(text)
  if (!Number.isNaN(ms) && /^\d{4}-\d\d-\d\d/.test(text)) return ms
  throw new InvalidArgumentError('Write it as 2026-03-01T10:00:00Z.')
}
