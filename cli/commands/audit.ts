import { type Command, InvalidArgumentError } from 'commander'
import { type AuditReport, verifyAuditLog } from '../../connectors/sinks/audit-verify.ts'
import { loadConfig } from '../config/load.ts'
import { Exit, type Io } from '../io.ts'

interface VerifyOptions {
  config?: string
  from: number
  contains?: string
}

export function auditCommand(program: Command, io: Io): void {
  program
    .command('audit')
    .description('the audit log: a chain of every alert')
    .command('verify')
    .argument('[path...]', 'audit logs, with their rotated files; left out, those of the configuration')
    .description('whether nothing was changed, taken out or put in; names the first broken line')
    .option('--config <file>', 'configuration file')
    .option(
      '--from <seq>',
      'the first entry that must be there, where older files have been archived',
      entry,
      1,
    )
    .option('--contains <hash>', 'a head that was noted before and must still be there')
    .action((paths: string[], options: VerifyOptions) => verify(paths, options, io))
}

async function verify(paths: string[], { config, ...expected }: VerifyOptions, io: Io): Promise<void> {
  const faults: string[] = []
  for (const path of paths.length > 0 ? paths : configured(config, io)) {
    const report = await verifyAuditLog(path, expected).catch((error) => {
      throw new Exit(1, `${path}: cannot be read (${error.code ?? error.name}); correct the path`)
    })
    const { fault } = report
    if (fault) faults.push(`${fault.file}:${fault.line}: ${fault.problem}`)
    else io.stdout.write(`${path}: ok, ${summary(report)}\n`)
  }
  if (faults.length > 0) throw new Exit(1, faults.join('\n'))
}

function summary({ entries, files, torn, head }: AuditReport): string {
  const crashes = torn > 0 ? `, ${torn} torn by a crash` : ''
  return `${entries} entries in ${files} ${files === 1 ? 'file' : 'files'}${crashes}, head ${head.hash}`
}

function configured(file: string | undefined, io: Io): string[] {
  const sinks = Object.values(loadConfig(file, io.env).sinks)
  const paths = sinks.flatMap((sink) =>
    sink.kind === 'audit-log' ? [(sink.config as unknown as { path: string }).path] : [],
  )
  if (paths.length === 0) throw new Exit(1, 'no sink of kind audit-log is configured; name the file')
  return paths
}

function entry(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('must be the number of an entry.')
  return Number(text)
}
