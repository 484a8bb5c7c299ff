import type { TestProject } from 'vitest/node'
import type { Services } from './available.ts'
import { startFakeGcs } from './fake-gcs.ts'
import { type KafkaService, startKafka } from './kafka.ts'
import { startMoto } from './moto.ts'
import { type RegistryService, startRegistry } from './registry.ts'
import { startSmtp } from './smtp.ts'

/**
 * Starts Kafka, the schema registry, moto, fake-gcs-server and aiosmtpd for the run. What cannot be had has its tests
 * skipped; the reporter names it at the end, and with REQUIRE_SERVICES=1 fails the run. SKIP_SERVICES=1 starts nothing.
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
  const [kafka, registry, moto, gcs, smtp] = await Promise.all([
    tryStart('Kafka', () => startKafka()),
    tryStart('schema registry', startRegistry),
    tryStart('moto', startMoto),
    tryStart('fake-gcs-server', startFakeGcs),
    tryStart('aiosmtpd', startSmtp),
  ])
  const stop = () => Promise.all([kafka, registry, moto, gcs, smtp].map((service) => service?.stop()))

  const services = servicesOf(kafka, registry, unavailable)
  if (moto) services.moto = { endpoint: moto.endpoint }
  if (gcs) services.gcs = { endpoint: gcs.endpoint }
  if (smtp) {
    const { stop: _, ...service } = smtp
    services.smtp = service
  }
  project.provide('services', services)
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
  if (kafka) {
    const { brokers, saslBroker, sslBroker, classpath } = kafka
    services.kafka = { brokers, saslBroker, sslBroker, classpath }
  }
  if (registry) services.registry = { url: registry.url }
  return services
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}
