import type { TestProject } from 'vitest/node'
import type { Services } from './available.ts'
import { type KafkaService, startKafka } from './kafka.ts'
import { type RegistryService, startRegistry } from './registry.ts'

/**
 * Starts Kafka and the schema registry for the run. What cannot be had is named at the end of the run and its
 * tests are skipped, but REQUIRE_SERVICES=1 makes it an error. SKIP_SERVICES=1 starts nothing.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const unavailable: string[] = []
  const tryStart = async <T>(name: string, start: () => Promise<T>): Promise<T | undefined> => {
    try {
      if (process.env.SKIP_SERVICES === '1') throw new Error('SKIP_SERVICES=1')
      return await start()
    } catch (error) {
      unavailable.push(`${name}: ${reasonOf(error)}`)
      return undefined
    }
  }
  const [kafka, registry] = await Promise.all([
    tryStart('Kafka', () => startKafka()),
    tryStart('schema registry', startRegistry),
  ])
  const stop = () => Promise.all([kafka?.stop(), registry?.stop()])

  if (unavailable.length > 0 && process.env.REQUIRE_SERVICES === '1') {
    await stop()
    throw new Error(`REQUIRE_SERVICES=1, but not to be had: ${unavailable.join('; ')}`)
  }
  project.provide('services', servicesOf(kafka, registry, unavailable))
  return async function teardown() {
    await stop()
    if (unavailable.length > 0) {
      process.stderr.write(`Skipped the tests that need what could not be had: ${unavailable.join('; ')}\n`)
    }
  }
}

function servicesOf(
  kafka: KafkaService | undefined,
  registry: RegistryService | undefined,
  unavailable: string[],
): Services {
  const services: Services = { unavailable }
  if (kafka) services.kafka = { brokers: kafka.brokers, classpath: kafka.classpath }
  if (registry) services.registry = { url: registry.url }
  return services
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}
