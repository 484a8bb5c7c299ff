import type { Config } from '../cli/config/load.ts'
import { askRunning } from '../cli/operations/control-socket.ts'
import { type OpenBus, openBus } from '../cli/service/open-bus.ts'
import { topicNamer } from '../cli/service/topic-configs.ts'
import type { TopicName } from '../processors/topology.ts'
import type { Bus, InRecord } from '../streams/bus.ts'
import { until } from '../test/services/until.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Opens the log, does the work and closes it. The embedded log must not be in use by a product process. */
export async function withLog<T>(config: Config, work: (log: OpenBus) => Promise<T>): Promise<T> {
  const log = await openBus(config, quiet)
  try {
    return await work(log)
  } finally {
    await log.close()
  }
}

/** Runs the work with a way to count a topic's records while product processes write them. */
export async function withCount<T>(
  config: Config,
  work: (count: (name: TopicName) => Promise<number>) => Promise<T>,
): Promise<T> {
  const topic = topicNamer(config.bus)
  if (config.bus.kind === 'embedded') return work((name) => askForCount(config, topic(name)))
  return withLog(config, ({ bus }) => work((name) => countOf(bus, topic(name))))
}

/** How many records have been written to a topic. */
export async function countOf(bus: Bus, topic: string): Promise<number> {
  // Of a topic that has just been made the broker may say that it does not lead it yet.
  const offsets = await until(`${topic} can be read`, () => bus.offsets(topic))
  return offsets.reduce((sum, { high }) => sum + high, 0)
}

/** The embedded log is open in the product's process, which answers for it once it has started. */
async function askForCount({ dataDir }: Config, topic: string): Promise<number> {
  let records = 0
  const take = (answer: object) => {
    records = (answer as { records: number }).records
  }
  await askRunning(dataDir, 'topics', { topic }, take, AbortSignal.timeout(30_000))
  return records
}

/** Reads what a topic holds now, up to `most` records. */
export async function readRecords(
  bus: Bus,
  topic: string,
  most = Number.POSITIVE_INFINITY,
): Promise<InRecord[]> {
  const found: InRecord[] = []
  let enough = () => {}
  const full = new Promise<void>((resolve) => {
    enough = resolve
  })
  const tail = await bus.tail({ topics: [topic], from: () => 0 }, async ({ records }) => {
    found.push(...records)
    if (found.length >= most) enough()
  })
  await Promise.race([tail.caughtUp(), full])
  await tail.stop()
  return found.slice(0, most)
}
