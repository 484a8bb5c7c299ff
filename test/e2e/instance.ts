import { loadConfig } from '../../cli/config/load.ts'
import { resolveSecrets } from '../../cli/config/secrets.ts'
import { createCodecs } from '../../cli/service/codecs.ts'
import { openBus } from '../../cli/service/open-bus.ts'
import { POSITIONS } from '../../cli/service/positions.ts'
import type { ServiceContext } from '../../cli/service/service-context.ts'
import { openServiceTables } from '../../cli/service/tables.ts'
import { topicConfigs, topicNamer } from '../../cli/service/topic-configs.ts'
import { topicSettings } from '../../cli/service/topic-settings.ts'
import type { Logger } from '../../streams/logger.ts'
import { createMetrics } from '../../streams/metrics.ts'
import { testIo } from '../support/test-io.ts'

/** What `run` has before its roles start, in this process: the log, and the tables, caught up. */
export interface Instance {
  context: ServiceContext
  /** Raw events that its processor has been given, those that came again too. */
  handled(): number
  close(): Promise<void>
}

/** Opens the log and the tables of a configuration file. */
export async function openInstance(
  file: string,
  log: Logger,
  onFatal: (error: Error) => void,
): Promise<Instance> {
  const config = loadConfig(file, {})
  let handled = 0
  const count = ({ topic }: { topic: string }, records = 1) => {
    if (topic.endsWith('raw-events')) handled += records
  }
  const metrics = { ...createMetrics(), recordsInTotal: { inc: count } }
  const { bus, ids, close } = await openBus(config, log)
  await bus.ensureTopics(topicConfigs(topicSettings(config)))
  const topic = topicNamer(config.bus)
  const codecs = await createCodecs(ids, topic)
  const families = [POSITIONS]
  const tables = await openServiceTables({ config, bus, codecs, topic, metrics, log, onFatal, families })
  const group = (name: string) => `${config.bus.topicPrefix}${name}`
  const secrets = resolveSecrets(config)
  return {
    context: { config, io: testIo(), bus, codecs, tables, topic, group, secrets, metrics, log, onFatal },
    handled: () => handled,
    async close() {
      await tables.close()
      await close()
    },
  }
}
