import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type Config, configSchema } from '../../cli/config/load.ts'
import { validateConfig } from '../../cli/config/validate.ts'
import { roles } from '../../cli/service/roles.ts'
import { satisfies } from './satisfies.ts'
import { read, root } from './source.ts'

interface Service {
  build?: string
  command?: string | string[]
  user?: string
  environment?: Record<string, string>
  volumes?: string[]
  ports?: string[]
  mem_limit?: string
  depends_on?: Record<string, { condition: string }>
}

const INFRASTRUCTURE = ['broker', 'registry', 'init']
/** Where the image keeps what the repository has. */
const APP = '/app/'

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>
  volumes: Record<string, unknown>
}
const own = Object.entries(compose.services).filter(([, { build }]) => build !== undefined)
const running = own.filter(([name]) => !INFRASTRUCTURE.includes(name))

/** The roles of a command `run --roles a,b`; null for another one. */
function rolesOf({ command }: Service): string[] | null {
  const [run, flag, list] = Array.isArray(command) ? command : (command ?? '').split(' ')
  return run === 'run' && flag === '--roles' ? (list ?? '').split(',') : null
}

describe('docker-compose.yml', () => {
  test('has the broker, the registry, the set-up and every role', () => {
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining([...INFRASTRUCTURE, ...roles]))
  })

  test('runs every role once, and nothing else', () => {
    expect(running.flatMap(([, service]) => rolesOf(service) ?? 'another command').sort()).toEqual(
      [...roles].sort(),
    )
  })

  test('creates the topics before any role starts, and the broker before them', () => {
    expect(String(compose.services.init?.command)).toMatch(/\btopics create\b/)
    for (const [name, service] of running) {
      expect(service.depends_on?.init?.condition, name).toBe('service_completed_successfully')
    }
    expect(compose.services.init?.depends_on).toEqual({
      broker: { condition: 'service_healthy' },
      registry: { condition: 'service_healthy' },
    })
  })

  test('gives each role a data directory of its own', () => {
    const directories = running.map(([, { environment }]) => environment?.TFDRIFT_DATA)
    expect(directories).not.toContain(undefined)
    expect(new Set(directories).size).toBe(running.length)
  })

  test('names only volumes that it declares', () => {
    const named = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(':')[0]),
    )
    expect([...new Set(named)].sort()).toEqual(Object.keys(compose.volumes).sort())
  })

  test('serves this machine alone', () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports ?? [])
    expect(ports.length).toBeGreaterThan(0)
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
  })

  test('bounds the memory of whatever stays', () => {
    const staying = Object.entries(compose.services).filter(([name]) => name !== 'init')
    expect(staying.filter(([, service]) => service.mem_limit === undefined)).toEqual([])
  })

  test('lets root in only to set up', () => {
    const privileged = own.filter(([, { user }]) => user !== undefined).map(([name]) => name)
    expect(privileged).toEqual(['init'])
  })
})

describe('the configuration that it gives to every role', () => {
  const file = 'deploy/compose.yaml'
  let secrets: string
  let config: Config

  beforeAll(() => {
    secrets = mkdtempSync(path.join(tmpdir(), 'tfdrift-compose-'))
    for (const key of ['hash', 'dead-letter']) {
      writeFileSync(path.join(secrets, `${key}.key`), `${Buffer.alloc(32, 1).toString('base64')}\n`)
    }
    const text = read(file).replaceAll('/secrets/', `${secrets}/`)
    config = validateConfig(text, { file, schema: configSchema, env: { TFDRIFT_DATA: '/data/x' } }) as Config
  })
  afterAll(() => rmSync(secrets, { recursive: true }))

  test('is the one in the image', () => {
    const files = own.map(([, { environment }]) => environment?.TFDRIFT_CONFIG)
    expect([...new Set(files)]).toEqual([APP + file])
    expect(read('Dockerfile')).toContain(`COPY ${file} ./${file}`)
  })

  test('is valid, and keeps the data where its role has its directory', () => {
    expect(config.dataDir).toBe('/data/x')
  })

  test('leads to the broker and the registry of the same file', () => {
    const hosts = config.bus.kafka?.brokers.map((broker) => broker.split(':')[0])
    expect(hosts).toEqual(['broker'])
    expect(new URL(config.bus.kafka?.registry ?? '').hostname).toBe('registry')
    expect(compose.services.broker?.environment?.KAFKA_ADVERTISED_LISTENERS).toContain(
      `//${config.bus.kafka?.brokers[0]}`,
    )
  })

  test('reads a sample that is in the repository and in the image', () => {
    const paths = [...read(file).matchAll(/\/app\/[\w./-]+/g)].map(([found]) => found.slice(APP.length))
    expect(paths.length).toBeGreaterThan(1)
    expect(paths.filter((sample) => !existsSync(path.join(root, sample)))).toEqual([])
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(\w+) /gm)].map(([, folder]) => folder)
    expect(paths.filter((sample) => !copied.includes(sample.split('/')[0]))).toEqual([])
  })
})

describe('the image', () => {
  const instructions = read('Dockerfile')
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
  const final = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')))

  test('does not run as root', () => {
    const user = final.findLast((line) => line.startsWith('USER '))?.slice('USER '.length)
    expect(user).toMatch(/^(?!root\b|0\b)\w+/)
  })

  test('has the library that RocksDB needs', () => {
    expect(final.join('\n')).toMatch(/apt-get install [^&]*\blibatomic1\b/)
  })

  test('is built and run on a Node that the project supports', () => {
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } }
    const versions = instructions.flatMap((line) => /^FROM node:(\d+)/.exec(line)?.[1] ?? [])
    expect(versions).toHaveLength(2)
    expect(new Set(versions).size).toBe(1)
    expect(versions.every((version) => satisfies(`${version}.0.0`, engines.node))).toBe(true)
  })
})
