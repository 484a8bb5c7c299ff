import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { createMetrics } from '../../streams/metrics.ts'
import type { Config } from '../config/load.ts'
import { resolveSecrets } from '../config/secrets.ts'
import { type HealthServer, type Problem, startHealthServer } from '../health-server.ts'
import type { Io } from '../io.ts'
import { createLogger } from '../log.ts'
import { serveOperations } from '../operations/control-socket.ts'
import { createCodecs } from './codecs.ts'
import { startSinks } from './notify.ts'
import { openBus } from './open-bus.ts'
import { POSITIONS, storedPositions } from './positions.ts'
import { startProcessor } from './process.ts'
import type { Role } from './roles.ts'
import type { RunningRole, ServiceContext } from './service-context.ts'
import { collectSources, startSources } from './sources.ts'
import { startStates, stateNames } from './states.ts'
import { openServiceTables } from './tables.ts'
import { topicConfigs, topicNamer } from './topic-configs.ts'
import { topicSettings } from './topic-settings.ts'

export interface Service {
  /** Drains role by role, from the entrance to the exit. */
  stop(): Promise<void>
}

/**
 * Starts the roles in the order that keeps every answer right: tables and states first, then the processor, which
 * must not judge by a state that is not there yet, then sinks and sources. Throws, with nothing left running, if one
 * cannot start.
 */
export async function startService(
  config: Config,
  wanted: readonly Role[],
  io: Io,
  onFatal: (error: Error) => void,
): Promise<Service> {
  const log = createLogger({ level: config.log.level, stream: io.stderr })
  const metrics = createMetrics()
  /** What is open, the newest first: the order in which it is closed. */
  const open: (() => Promise<void>)[] = []
  const running: RunningRole[] = []
  let observe = () => {}
  const starting: Problem[] = [{ component: 'service', reason: 'starting' }]

  async function stop(): Promise<void> {
    starting.push({ component: 'service', reason: 'stopping' })
    for (let close = open.shift(); close; close = open.shift()) await close()
  }

  async function start(): Promise<void> {
    makeDataDir(config.dataDir)
    const secrets = resolveSecrets(config)
    const health = await startHealthServer({
      ...config.http,
      metrics: { contentType: metrics.contentType, render },
      live: () => [],
      ready,
      warnings: () => running.flatMap((role) => role.warnings?.() ?? []),
    })
    open.unshift(() => health.close())
    const off = io.onHangup?.(() => log.info({}, 'SIGHUP: looking whether rules have changed'))
    if (off) open.unshift(async () => off())
    log.info({ url: urlOf(config, health) }, 'serving /metrics, /livez and /readyz')

    const { bus, ids, positions, close } = await openBus(config, log)
    open.unshift(close)
    await bus.ensureTopics(topicConfigs(topicSettings(config)))
    const topic = topicNamer(config.bus)
    const codecs = await createCodecs(ids, topic)
    const tables = await openServiceTables({
      config,
      bus,
      codecs,
      topic,
      metrics,
      log,
      onFatal,
      families: [POSITIONS],
    })
    open.unshift(() => tables.close())
    observe = tables.observe
    const group = (name: string) => `${config.bus.topicPrefix}${name}`
    const context: ServiceContext = {
      config,
      io,
      bus,
      codecs,
      tables,
      topic,
      group,
      secrets,
      metrics,
      log,
      onFatal,
    }
    const kept = positions ?? storedPositions(tables.store)
    if (config.bus.kind === 'embedded') {
      const control = await serveOperations({ config, bus, ids })
      open.unshift(() => control.close())
    }
    if (wanted.includes('state')) await add(startStates(context, kept))
    if (wanted.includes('process')) {
      await tables.statesThere(await stateNames(context))
      await add(startProcessor(context))
    }
    if (wanted.includes('notify')) await add(startSinks(context))
    if (wanted.includes('collect')) await add(startSources(collectSources(context), context, kept))
    starting.length = 0
    log.info({ roles: wanted, bus: config.bus.kind, dataDir: path.resolve(config.dataDir) }, 'running')
  }

  async function add(role: Promise<RunningRole>): Promise<void> {
    const one = await role
    running.push(one)
    open.unshift(() => one.stop())
  }

  function render(): Promise<string> {
    observe()
    for (const role of running) role.observe?.()
    return metrics.render()
  }

  function ready(): Problem[] {
    return [...starting, ...running.flatMap((role) => role.problems())]
  }

  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}

function makeDataDir(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`dataDir: ${dir} cannot be made (${code}); name a folder that this user may write`)
  }
}

function urlOf({ http }: Config, { port }: HealthServer): string {
  return `http://${http.host}:${port}`
}
