import path from 'node:path'
import type { Check } from '../../connectors/check.ts'
import type { Logger } from '../../connectors/source.ts'
import type { Bus, TopicConfig } from '../../streams/bus.ts'
import type { Config } from '../config/load.ts'
import { safeMessage } from '../log.ts'
import { askRunning } from '../operations/control-socket.ts'
import { openBus } from '../service/open-bus.ts'
import { topicConfigs } from '../service/topic-configs.ts'
import { topicSettings } from '../service/topic-settings.ts'

/** The log that everything flows through: whether it is there, and its topics as they must be. */
export async function checkBus(config: Config, log: Logger, signal: AbortSignal): Promise<Check[]> {
  const { bus: settings, dataDir } = config
  const what =
    settings.kind === 'kafka'
      ? `Kafka ${settings.kafka.brokers.join(',')}`
      : `embedded log in ${path.join(dataDir, 'log')}`
  try {
    if (settings.kind === 'embedded' && (await askRunning(dataDir, 'topics', {}, () => {}, signal)))
      return [{ what: `${what} (in use by a running tfdrift)`, ok: true }]
    const { bus, close } = await openBus(config, log)
    try {
      const cluster = settings.kind === 'kafka' ? ` (cluster ${await bus.clusterId()})` : ''
      const topics = await Promise.all(
        topicConfigs(topicSettings(config)).map((topic) => checkTopic(bus, topic)),
      )
      return [{ what: what + cluster, ok: true }, ...topics]
    } finally {
      await close()
    }
  } catch (error) {
    const fix =
      settings.kind === 'kafka'
        ? 'correct bus.kafka, start the broker, or open the way to it'
        : 'the message says what to do; tfdrift run makes the folder by itself if it may'
    return [{ what, ok: false, problem: safeMessage(error as Error), fix }]
  }
}

async function checkTopic(bus: Bus, { name, partitions, cleanup }: TopicConfig): Promise<Check> {
  const found = await bus.describe(name)
  if (!found) return { what: `topic ${name} (not there yet; run makes it)`, ok: true }
  const what = `topic ${name}`
  if (found.cleanup !== cleanup) {
    const fix = `set it on the broker: kafka-configs.sh --alter --topic ${name} --add-config cleanup.policy=${cleanup}`
    return { what, ok: false, problem: `its cleanup.policy is ${found.cleanup}, not ${cleanup}`, fix }
  }
  if (found.partitions === partitions) return { what, ok: true }
  const problem = `it has ${found.partitions} partitions, not ${partitions}`
  return {
    what,
    ok: false,
    problem,
    fix: `set bus.partitions: ${found.partitions}, or use another bus.topicPrefix`,
  }
}
