import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import { runProgram } from '../../cli/program.ts'
import { until } from '../services/until.ts'
import { testIo } from '../support/test-io.ts'

/** A `tfdrift run` in this process, on the embedded bus unless the configuration says otherwise. */
export interface InProcess {
  /** Its log. */
  log(): string
  stdout(): string
  /** What another command, with the same configuration, writes. Throws if it fails. */
  ask(...args: string[]): Promise<Buffer>
  /** Its exit code, when it ends by itself. */
  ended(): Promise<number>
  /** Its exit code. */
  stop(): Promise<number>
}

export async function runInProcess(folder: string, config: object): Promise<InProcess> {
  const file = path.join(folder, 'tfdrift.yaml')
  writeFileSync(file, stringify({ dataDir: path.join(folder, 'data'), http: { port: 0 }, ...config }))
  const ending = new AbortController()
  const io = testIo({}, ending.signal)
  const code = runProgram(['run', '--config', file], io)
  const early = code.then((ended) => {
    throw new Error(`run ended with ${ended}: ${io.err()}`)
  })
  early.catch(() => {})
  const ready = until('running', () => io.err().includes('"msg":"running"') || undefined, {
    deadlineMs: 60_000,
  })
  await Promise.race([ready, early])
  return {
    log: () => io.err(),
    stdout: () => io.out(),
    async ask(...args) {
      const chunks: Buffer[] = []
      const write = (chunk: string | Uint8Array) => chunks.push(Buffer.from(chunk as string))
      const asking = { ...testIo(), stdout: { write } }
      const answered = await runProgram([...args, '--config', file], asking)
      if (answered !== 0) throw new Error(`${args.join(' ')} ended with ${answered}: ${asking.err()}`)
      return Buffer.concat(chunks)
    },
    ended: () => code,
    stop() {
      ending.abort()
      return code
    },
  }
}
