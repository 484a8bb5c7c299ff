import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheRoot } from '../services/maven.ts'
import { GiveUp, until } from '../services/until.ts'

const run = promisify(execFile)
const PACKAGES = {
  dockerd: 'docker.io',
  iptables: 'iptables',
  'docker-compose': 'docker-compose',
  debootstrap: 'debootstrap',
  ip: 'iproute2',
}
const COMMAND_MS = 600_000

/** A container engine of our own, with its images and volumes apart from any other's. */
export interface Engine {
  /** Runs `docker`; returns what it printed. Throws with the end of its output. */
  docker(...args: string[]): Promise<string>
  /** Runs `docker-compose` on the file of this repository. */
  compose(...args: string[]): Promise<string>
  /** Stops the engine, and gives back the network settings that were there before. */
  stop(): Promise<void>
}

/**
 * Starts `dockerd`, on Linux as root. Its images stay in the tests' cache for the next run. It goes away with this
 * process, however this process ends.
 */
export async function startEngine(checkout: string): Promise<Engine> {
  refuseBesideAnother()
  await install()
  // A path of a Unix socket may have some 100 bytes only.
  const dir = await mkdtemp('/tmp/tfdrift-engine-')
  const daemon = await startDaemon(dir)
  const env = {
    ...process.env,
    DOCKER_HOST: `unix://${dir}/docker.sock`,
    DOCKER_CONFIG: dir,
    // The builder of the engine itself; the other one is a plug-in, which Debian's package does not have.
    DOCKER_BUILDKIT: '0',
    COMPOSE_DOCKER_CLI_BUILD: '0',
    COMPOSE_PROJECT_NAME: 'tfdrift-test',
  }
  const engine: Engine = {
    docker: (...args) => command('docker', args, { env, cwd: checkout }),
    compose: (...args) => command('docker-compose', ['--no-ansi', ...args], { env, cwd: checkout }),
    stop: () => daemon.stop(),
  }
  try {
    await until('dockerd starts', () => isReady(engine, daemon), { deadlineMs: 60_000, everyMs: 200 })
  } catch (error) {
    await engine.stop()
    throw error
  }
  return engine
}

/** Two engines would write the same chains of the firewall. */
function refuseBesideAnother(): void {
  const file = '/run/docker.pid'
  const pid = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  if (pid && existsSync(`/proc/${pid}`)) {
    throw new Error(`a container engine runs on this machine already (process ${pid}): stop it for this test`)
  }
}

/** What is missing is installed from Debian. Packages must not start an engine of their own. */
async function install(): Promise<void> {
  const isMissing = (program: string) =>
    !(process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)))
  const missing = Object.entries(PACKAGES).flatMap(([program, name]) => (isMissing(program) ? [name] : []))
  if (missing.length === 0) return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  await command('apt-get', ['update', '-qq'], { env })
  await command('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env })
}

interface Daemon {
  assertAlive(): Promise<void>
  stop(): Promise<void>
}

async function startDaemon(dir: string): Promise<Daemon> {
  const data = join(cacheRoot(), 'docker')
  await mkdir(data, { recursive: true })
  await writeFile(join(dir, 'firewall'), await firewall())
  const log = join(dir, 'dockerd.log')
  const output = await open(log, 'a')
  const places = ['--data-root', data, '--exec-root', join(dir, 'exec'), '--pidfile', join(dir, 'pid')]
  const args = [...places, '--host', `unix://${dir}/docker.sock`]
  const child = spawn('dockerd', args, { detached: true, stdio: ['ignore', output.fd, output.fd] })
  await once(child, 'spawn')
  await output.close()
  const undertaker = spawn('sh', ['-c', LAST_RITES, 'undertaker', String(child.pid), dir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  return {
    async assertAlive() {
      if (child.exitCode === null && child.signalCode === null) return
      const lines = (await readFile(log, 'utf8')).trim().split('\n')
      throw new GiveUp(`dockerd ended: ${lines.slice(-3).join(' | ')}`)
    },
    async stop() {
      undertaker.stdin.end()
      await once(undertaker, 'exit')
    },
  }
}

/**
 * Ends the engine at the end of its own input, which comes with the end of this process, too, even where that is
 * killed. An engine leaves its bridge and its rules behind: these go, the firewall is again what it was.
 */
const LAST_RITES = `
  read -r _
  kill "$1"
  for _ in $(seq 600); do kill -0 "$1" || break; sleep 0.1; done
  kill -9 "$1"
  iptables-restore < "$2/firewall"
  ip link delete docker0
  rm -rf "$2"
`

/** The tables that an engine writes, as iptables-restore reads them. */
async function firewall(): Promise<string> {
  const tables = await Promise.all(['filter', 'nat'].map((table) => run('iptables-save', ['-t', table])))
  return tables.map(({ stdout }) => stdout).join('')
}

async function isReady(engine: Engine, daemon: Daemon): Promise<true> {
  await daemon.assertAlive()
  await engine.docker('version')
  return true
}

async function command(
  name: string,
  args: string[],
  options: { env: NodeJS.ProcessEnv; cwd?: string },
): Promise<string> {
  try {
    const { stdout } = await run(name, args, { ...options, timeout: COMMAND_MS, maxBuffer: 2 ** 26 })
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    const end = `${stdout}\n${stderr}`.trim().split('\n').slice(-20).join('\n')
    throw new Error(`${name} ${args.join(' ')} failed:\n${end}`, { cause: error })
  }
}
