import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ConfigError, type Fault } from './faults.ts'
import type { Config } from './load.ts'

const BYTES = 32
const files = { hashKey: 'hash.key', deadLetterKey: 'dead-letter.key' } as const

type Name = keyof typeof files

/** What a key is needed from. */
export type SecretsConfig = Pick<Config, 'file' | 'dataDir' | 'secrets'> & {
  bus: { kind: Config['bus']['kind'] }
}

/**
 * The keys for hashing sensitive values and for sealing dead letters, 32 bytes each. On the embedded bus a key that
 * is not configured is made once and kept in dataDir, readable by its owner only. On Kafka all instances must have
 * the same ones, so that a missing key throws ConfigError.
 */
export function resolveSecrets(config: SecretsConfig): Record<Name, Buffer> {
  const names = Object.keys(files) as Name[]
  const missing = names.filter((name) => config.secrets[name] === undefined)
  if (config.bus.kind === 'kafka' && missing.length > 0) {
    throw new ConfigError(missing.map((name) => fault(config.file, `secrets.${name}`, 'missing', MAKE_ONE)))
  }
  const [hashKey, deadLetterKey] = names.map((name) => {
    const configured = config.secrets[name]
    return configured ? Buffer.from(configured, 'base64') : keptKey(path.join(config.dataDir, files[name]))
  }) as [Buffer, Buffer]
  return { hashKey, deadLetterKey }
}

const MAKE_ONE = 'all instances need the same key; make one with: openssl rand -base64 32'

function keptKey(file: string): Buffer {
  const key = Buffer.from(readIfThere(file) ?? make(file), 'base64')
  if (key.length === BYTES) return key
  throw new ConfigError([
    fault(
      file,
      '',
      `not a key of ${BYTES} bytes in base64`,
      'restore the file, or remove it to start with a new key',
    ),
  ])
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw new ConfigError([fault(file, '', `cannot be read (${code})`, 'let this user read it')])
  }
}

function make(file: string): string {
  const key = `${randomBytes(BYTES).toString('base64')}\n`
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, key, { flag: 'wx', mode: 0o600, flush: true })
    return key
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ConfigError([fault(file, '', `cannot be written (${code})`, 'let this user write dataDir')])
  }
}

function fault(file: string, field: string, message: string, fix: string): Fault {
  return { file, line: null, column: null, field, message, fix }
}
