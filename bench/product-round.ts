import type { Config } from '../cli/config/load.ts'
import { topicConfigs, topicNamer } from '../cli/service/topic-configs.ts'
import { topicSettings } from '../cli/service/topic-settings.ts'
import { groups } from '../processors/topology.ts'
import { GiveUp, until } from '../test/services/until.ts'
import { type Flow, measureFlow } from './flow.ts'
import { readRecords, withCount, withLog } from './log.ts'
import { isReady, startProduct } from './product.ts'
import { publishEvents } from './publish-events.ts'
import { type Setting, writeConfig } from './setting.ts'

export interface ProductOptions extends Setting {
  resources: number
  events: number
  instances: number
  /** The folder for CPU profiles. */
  profile?: string | undefined
  progress: (text: string) => void
  signal: AbortSignal
}

/** What the product did in one round. */
export interface ProductRound extends Outcome {
  /** State rows, from the files to the log. */
  states: Flow
  /** From the start of the processes until all of them are ready, their tables full. */
  readySeconds: number
  /** Alerts. */
  alerts: Flow
  /** Events in each partition. */
  spread: number[]
}

interface Outcome {
  /** Events that have an alert. */
  alerted: number
  /** Alerts beyond the first of an event. */
  repeated: number
  /** Events that have not been committed. */
  lag: number
}

/** States into the log, then events, then the processes that turn them into alerts: a backlog, one thing at a time. */
export async function runProduct(options: ProductOptions): Promise<ProductRound> {
  const { instances, load, progress } = options
  const stateConfig = await writeConfig(options, 'state')
  const names = Array.from({ length: instances }, (_, n) => `process-${n + 1}`)
  const configs = await Promise.all(names.map((name) => writeConfig(options, name)))

  await withLog(stateConfig, ({ bus }) => bus.ensureTopics(topicConfigs(topicSettings(stateConfig))))
  progress('the state role publishes the rows')
  const states = await publishStates(stateConfig, options)
  progress('events are put on the log')
  const spread = await publishEvents(stateConfig, load)
  progress('the processor works them off')
  const worked = await workOff(configs, options)
  progress('every alert is read')
  return { states, spread, ...worked, ...(await readOutcome(stateConfig)) }
}

async function publishStates(config: Config, { resources, load, signal }: ProductOptions): Promise<Flow> {
  const worker = startProduct(config, 'state')
  try {
    const flow = await withCount(config, (count) => {
      // Each state ends with a marker.
      const total = resources + load.states.length
      return measureFlow({ count: () => count('state-snapshot'), total, workers: [worker], signal })
    })
    await worker.stop()
    return flow
  } finally {
    worker.kill()
  }
}

async function workOff(
  configs: readonly Config[],
  { events, profile, signal }: ProductOptions,
): Promise<Pick<ProductRound, 'readySeconds' | 'alerts'>> {
  const started = performance.now()
  const workers = configs.map((config) => startProduct(config, 'process', profile))
  let over = false
  async function readiness(): Promise<number> {
    async function ready(): Promise<true | undefined> {
      if (over) throw new GiveUp('the processors have ended')
      return (await Promise.all(configs.map(isReady))).every(Boolean) || undefined
    }
    await until('the processors are ready', ready, { deadlineMs: 600_000, everyMs: 100 })
    return (performance.now() - started) / 1000
  }
  try {
    const flow = withCount(configs[0]!, (count) =>
      measureFlow({ count: () => count('alerts'), total: events, workers, signal }),
    )
    const [alerts, readySeconds] = await Promise.all([flow, readiness()])
    await Promise.all(workers.map((worker) => worker.stop()))
    return { alerts, readySeconds }
  } finally {
    over = true
    for (const worker of workers) worker.kill()
  }
}

async function readOutcome(config: Config): Promise<Outcome> {
  const topic = topicNamer(config.bus)
  return withLog(config, async ({ bus }) => {
    const alerts = await readRecords(bus, topic('alerts'))
    const alerted = new Set(alerts.map(({ headers }) => headers['tfdrift-event-id'])).size
    const ends = await bus.offsets(topic('raw-events'))
    const group = `${config.bus.topicPrefix}${groups.processor}`
    const committed = await bus.committed(group, topic('raw-events'))
    const read = committed.reduce((sum, { offset }) => sum + (offset ?? 0), 0)
    const lag = ends.reduce((sum, { high }) => sum + high, 0) - read
    return { alerted, repeated: alerts.length - alerted, lag }
  })
}
