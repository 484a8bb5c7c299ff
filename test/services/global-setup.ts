import type { TestProject } from 'vitest/node'
import type { Services } from './available.ts'
import { type KafkaService, startKafka } from './kafka.ts'
import { type RegistryService, startRegistry } from './registry.ts'

/**
 * Starts Kafka and the schema registry for the run. What cannot be had has its tests skipped; the reporter
 * names it at the end, and with REQUIRE_SERVICES=1 fails the run. SKIP_SERVICES=1 starts nothing.
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

  project.provide('services', servicesOf(kafka, registry, unavailable))
  return async function teardown() {
    await stop()
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
