import { Command, CommanderError } from 'commander'
import { commands } from './commands/index.ts'
import { ConfigError } from './config/faults.ts'
import { Exit, type Io } from './io.ts'
import { toldMessage } from './log.ts'

/**
 * Runs the command line and returns its exit code: 0 success, 1 error, 2 findings at or above --fail-on.
 * `args` without the program's name.
 */
export async function runProgram(args: readonly string[], io: Io): Promise<number> {
  const program = new Command('tfdrift')
    .description('Terraform drift from cloud audit events, within seconds, with who did it')
    .showHelpAfterError('(tfdrift --help says more)')
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
    .exitOverride()
  for (const register of commands) register(program, io)
  try {
    await program.parseAsync(withDashedId(withDaemon(args)), { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1
    if (error instanceof Exit) {
      if (error.message) io.stderr.write(`${error.message}\n`)
      return error.code
    }
    io.stderr.write(`${explain(error as Error)}\n`)
    return 1
  }
}

/** `tfdrift --config FILE --daemon` is `tfdrift run --config FILE`. */
function withDaemon(args: readonly string[]): string[] {
  return args.includes('--daemon') ? ['run', ...args.filter((arg) => arg !== '--daemon')] : [...args]
}

/** Ids of Google's events begin with a dash, as options do. */
function withDashedId(args: readonly string[]): string[] {
  const [command, id = '', ...rest] = args
  return command === 'explain' && /^-[^-]./.test(id) ? [command, ...rest, '--', id] : [...args]
}

function explain(error: Error): string {
  return error instanceof ConfigError ? error.message : `tfdrift: ${toldMessage(error)}`
}
