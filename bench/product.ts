import { spawn } from 'node:child_process'
import path from 'node:path'
import type { Config } from '../cli/config/load.ts'
import type { Role } from '../cli/service/roles.ts'
import { awsCredentials } from '../test/support/trail-bucket.ts'
import { type Child, createChild } from './child.ts'

const MAIN = path.resolve(import.meta.dirname, '../cli/main.js')

/**
 * Starts `tfdrift run` with the role (null: all), or with all of them on the embedded bus, which knows no other way. `profile`: the
 * folder for a CPU profile, written when the process ends.
 */
export function startProduct(config: Config, role: Role | null, profile?: string): Child {
  const program =
    profile === undefined ? [MAIN] : [process.execPath, '--cpu-prof', `--cpu-prof-dir=${profile}`, MAIN]
  const roles = role && config.bus.kind === 'kafka' ? ['--roles', role] : []
  const [command = MAIN, ...args] = [...program, 'run', '--config', config.file, ...roles]
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...awsCredentials },
  })
  return createChild(`tfdrift run --roles ${role ?? 'all'}`, child)
}

/** Whether the process says that events flow through it. */
export async function isReady({ http }: Config): Promise<boolean> {
  const response = await fetch(`http://${http.host}:${http.port}/readyz`).catch(() => null)
  return response?.ok ?? false
}
