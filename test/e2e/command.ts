import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import { runProgram } from '../../cli/program.ts'
import { testIo } from '../support/test-io.ts'

export interface CommandResult {
  code: number
  /** What it has written to stdout. */
  out: string
  /** The same, where it is NDJSON. */
  lines: Record<string, unknown>[]
  err: string
}

/** Runs one command of tfdrift with this configuration, in this process; `folder` takes the configuration. */
export async function command(
  { folder, config }: { folder: string; config: object },
  ...args: string[]
): Promise<CommandResult> {
  const file = path.join(folder, 'command.yaml')
  writeFileSync(file, stringify(config))
  const io = testIo()
  const code = await runProgram([...args, '--config', file], io)
  const out = io.out()
  return {
    code,
    out,
    get lines() {
      return out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    },
    err: io.err(),
  }
}
