import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Config, loadConfig } from '../cli/config/load.ts'
import { freePort } from '../test/services/ports.ts'
import type { Load } from './load.ts'
import type { Services } from './services.ts'

/** Where one round takes place. */
export interface Setting {
  /** A directory for the files of this round. */
  dir: string
  /** Of its topics and groups. */
  prefix: string
  /** null: the embedded bus. */
  services: Services | null
  load: Load
}

/**
 * Writes the configuration of one process and reads it as the process will. On Kafka each has a store of its own; the
 * embedded log is handed from one to the next.
 */
export async function writeConfig({ dir, prefix, services, load }: Setting, name: string): Promise<Config> {
  const kafka = services && { brokers: services.brokers, registry: services.registry }
  const key = createHash('sha256').update(prefix).digest('base64')
  const content = {
    dataDir: path.join(dir, kafka ? name : 'data'),
    bus: { kind: kafka ? 'kafka' : 'embedded', topicPrefix: prefix, ...(kafka && { kafka }) },
    states: load.states.map((state) => ({ kind: 'file', ...state })),
    alerts: { info: true },
    sinks: {},
    http: { port: await freePort() },
    secrets: { hashKey: key, deadLetterKey: key },
    log: { level: 'warn' },
  }
  const file = path.join(dir, `${name}.yaml`)
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(content))
  return loadConfig(file, {})
}
