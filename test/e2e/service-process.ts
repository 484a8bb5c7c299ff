import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import { freePort } from '../services/ports.ts'
import { until } from '../services/until.ts'

const main = path.resolve(import.meta.dirname, '../../dist/cli/main.js')

/** A `tfdrift run` of its own process, so that it can be killed. */
export interface ServiceProcess {
  /** What it has written to stderr: its log. */
  log(): string
  stdout(): string
  pid: number
  /** Resolves with the exit code (null after a signal). */
  exited: Promise<number | null>
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>
}

export interface ServiceOptions {
  folder: string
  /** The configuration, without http. */
  config: object
  args?: string[]
  /** Do not wait until it is ready. */
  impatient?: boolean
  env?: Record<string, string>
}

export async function startServiceProcess({
  folder,
  config,
  args = [],
  impatient,
  env = {},
}: ServiceOptions): Promise<ServiceProcess> {
  mkdirSync(folder, { recursive: true })
  const port = await freePort()
  const file = path.join(folder, `config-${port}.yaml`)
  writeFileSync(file, stringify({ ...config, http: { port } }))
  const child = spawn(main, ['run', '--config', file, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
  })
  const output = { out: '', err: '' }
  child.stdout.on('data', (text) => (output.out += text))
  child.stderr.on('data', (text) => (output.err += text))
  const service = asService(child, output)
  if (!impatient) await ready(port, service)
  return service
}

function asService(child: ChildProcess, output: { out: string; err: string }): ServiceProcess {
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve))
  return {
    log: () => output.err,
    stdout: () => output.out,
    pid: child.pid!,
    exited,
    kill: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM')
      return exited
    },
  }
}

async function ready(port: number, service: ServiceProcess): Promise<void> {
  const gone = service.exited.then((code) => {
    throw new Error(`tfdrift run ended with ${code}:\n${service.log()}`)
  })
  const answer = until(
    'tfdrift run is ready',
    async () => {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`)
      return response.ok ? true : undefined
    },
    { deadlineMs: 60_000, everyMs: 50 },
  ).catch((error) => {
    throw new Error(`${error}\n${service.log()}`)
  })
  await Promise.race([answer, gone])
}
