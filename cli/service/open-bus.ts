import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { PositionStore } from '../../connectors/source.ts'
import type { SchemaIds } from '../../schemas/ids.ts'
import type { Bus } from '../../streams/bus.ts'
import { confluentRegistry } from '../../streams/confluent-registry.ts'
import { embeddedBus, embeddedFamilies } from '../../streams/embedded-bus.ts'
import { kafkaBus } from '../../streams/kafka-bus.ts'
import { localRegistry } from '../../streams/local-registry.ts'
import type { Logger } from '../../streams/logger.ts'
import { openRocksStore } from '../../streams/rocks-store.ts'
import type { Config } from '../config/load.ts'
import { POSITIONS, storedPositions } from './positions.ts'

/** The log, the ids of its schemas, and where the positions of sources are kept. */
export interface OpenBus {
  bus: Bus
  ids: SchemaIds
  /** Embedded: in the same store as the log, so that both survive or lose the same writes. */
  positions: PositionStore | null
  close(): Promise<void>
}

export async function openBus(config: Config, log: Logger): Promise<OpenBus> {
  return config.bus.kind === 'kafka' ? openKafka(config.bus.kafka, log) : openEmbedded(config, log)
}

async function openEmbedded({ dataDir }: Config, log: Logger): Promise<OpenBus> {
  const store = await openRocksStore(path.join(dataDir, 'log'), [...embeddedFamilies, POSITIONS])
  const bus = await embeddedBus(store, log)
  return {
    bus,
    ids: await localRegistry(path.join(dataDir, 'schemas.json')),
    positions: storedPositions(store),
    async close() {
      await bus.close()
      await store.close()
    },
  }
}

type KafkaConfig = NonNullable<Config['bus']['kafka']>

async function openKafka(kafka: KafkaConfig, log: Logger): Promise<OpenBus> {
  const bus = await kafkaBus({
    clientId: kafka.clientId,
    brokers: kafka.brokers,
    sessionTimeoutMs: kafka.sessionTimeout,
    ...(kafka.ssl && { ssl: readFiles(kafka.ssl) }),
    ...(kafka.sasl && { sasl: kafka.sasl }),
    log,
  })
  const ids = confluentRegistry({ host: kafka.registry, ...credentials(kafka.registryAuth) })
  return { bus, ids, positions: null, close: () => bus.close() }
}

function credentials(auth: string | undefined): { auth?: { username: string; password: string } } {
  if (auth === undefined) return {}
  const colon = auth.indexOf(':')
  return { auth: { username: auth.slice(0, colon), password: auth.slice(colon + 1) } }
}

function readFiles(files: Record<string, string | undefined>): Record<string, string> {
  const named = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(named.map(([name, file]) => [name, readFileSync(file, 'utf8')]))
}
