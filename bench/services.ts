import { KAFKA_VERSION, startKafka } from '../test/services/kafka.ts'
import { startRegistry } from '../test/services/registry.ts'

/** The broker and the registry that a benchmark runs against. */
export interface Services {
  brokers: string[]
  registry: string
  /** What the broker is, for the report. */
  broker: string
  stop(): Promise<void>
}

/** Those of KAFKA_BROKERS and REGISTRY_URL; without them the ones that the tests use, on this machine. */
export async function openServices(env: Readonly<Record<string, string | undefined>>): Promise<Services> {
  const { KAFKA_BROKERS: brokers, REGISTRY_URL: registry } = env
  if (brokers && registry) {
    return { brokers: brokers.split(','), registry, broker: `Kafka at ${brokers}`, stop: async () => {} }
  }
  if (brokers || registry) throw new Error('set both of KAFKA_BROKERS and REGISTRY_URL, or none')

  const kafka = await startKafka()
  try {
    const { url, stop } = await startRegistry()
    return {
      brokers: kafka.brokers,
      registry: url,
      broker: `Kafka ${KAFKA_VERSION}, one broker on this machine`,
      stop: async () => void (await Promise.all([stop(), kafka.stop()])),
    }
  } catch (error) {
    await kafka.stop()
    throw error
  }
}
