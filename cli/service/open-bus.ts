import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { PositionStore } from '../../connectors/source.ts'
import type { SchemaIds } from '../../schemas/ids.ts'
import type { Bus } from '../../streams/bus.ts'
import { type ConfluentRegistryOptions, confluentRegistry } from '../../streams/confluent-registry.ts'
import { embeddedBus, embeddedFamilies } from '../../streams/embedded-bus.ts'
import { type KafkaBusOptions, kafkaBus } from '../../streams/kafka-bus.ts'
import { linkError, unreachable } from '../../streams/kafka-link-error.ts'
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
  const ids = confluentRegistry(registryOptions(kafka))
  const bus = await reachable({
    clientId: kafka.clientId,
    brokers: kafka.brokers,
    sessionTimeoutMs: kafka.sessionTimeout,
    ...(kafka.ssl && { ssl: readFiles('bus.kafka.ssl', kafka.ssl) }),
    ...(kafka.sasl && { sasl: kafka.sasl }),
    log,
  })
  return { bus, ids, positions: null, close: () => bus.close() }
}

export function registryOptions({
  registry: host,
  registryAuth,
  registrySsl,
}: KafkaConfig): ConfluentRegistryOptions {
  const tls = registrySsl && { tls: readFiles('bus.kafka.registrySsl', registrySsl) }
  return { host, ...credentials(registryAuth), ...tls }
}

async function reachable(options: KafkaBusOptions): Promise<Bus> {
  try {
    return await kafkaBus(options)
  } catch (error) {
    const fault = linkError(error, { ssl: options.ssl !== undefined, sasl: options.sasl !== undefined })
    if (fault) throw new Error(`bus.kafka.${fault.setting}: ${fault.message}`, { cause: error })
    const code = unreachable(error)
    if (code === null) throw error
    const why = `${options.brokers.join(',')} cannot be reached (${code})`
    throw new Error(`bus.kafka.brokers: ${why}; correct the address, or start the broker`, { cause: error })
  }
}

function credentials(auth: string | undefined): { auth?: { username: string; password: string } } {
  if (auth === undefined) return {}
  const colon = auth.indexOf(':')
  return { auth: { username: auth.slice(0, colon), password: auth.slice(colon + 1) } }
}

/** The texts of PEM files. `where`: the setting that names them. */
function readFiles(where: string, files: Record<string, string | undefined>): Record<string, string> {
  const named = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(named.map(([name, file]) => [name, readPem(`${where}.${name}`, file)]))
}

function readPem(where: string, file: string): string {
  try {
    const text = readFileSync(file, 'utf8')
    if (text.includes('-----BEGIN ')) return text
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`${where}: ${file} cannot be read (${code}); correct the path or allow it to be read`)
  }
  throw new Error(`${where}: ${file} holds no PEM text (-----BEGIN …); convert it to PEM`)
}
