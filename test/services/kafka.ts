import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { type Java, javaCommand, quickFlags, startJava } from './java.ts'
import { scramArguments, securityProperties } from './kafka-security.ts'
import { cached, copyDependencies, type Dependency } from './maven.ts'
import { freePort } from './ports.ts'
import { until } from './until.ts'

/** The broker's version; docs/decisions/0002 tells what was found with it. */
export const KAFKA_VERSION = '4.4.0'

const DEPENDENCIES: Dependency[] = [
  { group: 'org.apache.kafka', artifact: 'kafka_2.13', version: KAFKA_VERSION },
  { group: 'org.apache.kafka', artifact: 'kafka-tools', version: KAFKA_VERSION, alone: true },
  { group: 'org.slf4j', artifact: 'slf4j-simple', version: '1.7.36' },
]
const LOG_WARN = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'

export interface KafkaOptions {
  /** Broker properties on top of the ones below. */
  properties?: Record<string, string>
}

export interface StopOptions {
  /** Keep the data, for `start()`. */
  keep?: boolean
  /** SIGKILL instead of an orderly stop. */
  hard?: boolean
}

/** A running single-node Kafka. */
export interface KafkaService {
  brokers: string[]
  /** The same broker by TLS, for the users of kafka-security.ts. */
  saslBroker: string
  /** The same broker by TLS, for clients with a certificate of the tests' authority. */
  sslBroker: string
  /** For Kafka's own command-line tools. */
  classpath: string
  /** The data and the broker's output.log. */
  dir: string
  stop(options?: StopOptions): Promise<void>
  /** Starts again, on the same data and port, after `stop({ keep: true })`. */
  start(): Promise<void>
  /** Stops and starts on the same data and port; returns when clients are served again. */
  restart(options?: { hard?: boolean }): Promise<void>
}

/** Starts a fresh Kafka of one node on free ports of the loopback address. */
export async function startKafka({ properties = {} }: KafkaOptions = {}): Promise<KafkaService> {
  const home = await kafkaHome()
  const dir = await mkdtemp(join(tmpdir(), 'tfdrift-kafka-'))
  const ports = await freePorts()
  const [plaintext, saslBroker, sslBroker] = addresses(ports)
  const brokers = [plaintext]
  const classpath = join(home, 'lib', '*')
  const config = join(dir, 'server.properties')
  const security = await securityProperties(dir)
  await writeFile(config, lines({ ...brokerProperties(dir, ports), ...security, ...properties }))
  await copyFormatted(await formatted(home), join(dir, 'data'))
  const archive = join(home, 'kafka-tls.jsa')
  let java: Java | undefined

  async function start(): Promise<void> {
    const args = ['-Xmx400m', '-cp', classpath, LOG_WARN, 'kafka.Kafka', config]
    const started = await startJava({ args, dir, archive })
    java = started
    await until('Kafka starts', () => isReady(brokers, started), { deadlineMs: 90_000 })
  }
  async function stop({ keep = false, hard = false }: StopOptions = {}): Promise<void> {
    await java?.stop(hard)
    if (!keep) await rm(dir, { recursive: true, force: true })
  }
  async function restart({ hard = false } = {}): Promise<void> {
    await stop({ keep: true, hard })
    await start()
  }

  try {
    await start()
    // A rehearsal, once after the download: the stop writes the archive that makes later starts quick.
    if (!existsSync(archive)) await restart()
  } catch (error) {
    await stop({ hard: true })
    throw error
  }
  return { brokers, saslBroker, sslBroker, classpath, dir, stop, start, restart }
}

/** The folder that has Kafka's jars in `lib`, fetched once. */
export async function kafkaHome(): Promise<string> {
  return cached(`kafka-${KAFKA_VERSION}-${digest(DEPENDENCIES)}`, (dir) =>
    copyDependencies(join(dir, 'lib'), DEPENDENCIES),
  )
}

/** Formatting takes a JVM, 1.6 s: done once, then each start copies the result. */
async function formatted(home: string): Promise<string> {
  const users = scramArguments()
  const dir = await cached(`kafka-${KAFKA_VERSION}-formatted-${digest(users)}`, async (dir) => {
    const config = join(dir, 'format.properties')
    const properties = brokerProperties(dir, { broker: 9092, controller: 9093, saslSsl: 9094, ssl: 9095 })
    await writeFile(config, lines(properties))
    const tool = ['kafka.tools.StorageTool', 'format', '-t', newClusterId(), '-c', config, ...users]
    const args = [...quickFlags(), '-cp', join(home, 'lib', '*'), LOG_WARN, ...tool]
    await promisify(execFile)(javaCommand(), args)
  })
  return join(dir, 'data')
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8)
}

/** The cluster id stands in one file only; a new one lets clients tell two clusters apart, as in real life. */
async function copyFormatted(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  await cp(from, to, { recursive: true })
  const meta = join(to, 'meta.properties')
  const text = await readFile(meta, 'utf8')
  await writeFile(meta, text.replace(/^cluster\.id=.*$/m, `cluster.id=${newClusterId()}`))
}

function newClusterId(): string {
  return `t${randomBytes(16).toString('base64url').slice(1)}`
}

/** Ready is: it serves group coordination, whose topic only an unfenced broker can create. */
async function isReady(brokers: string[], java: Java): Promise<true> {
  await java.assertAlive()
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } })
  const admin = kafka.admin()
  try {
    await admin.connect()
    await admin.describeCluster() // describeGroups alone finds "no brokers in the broker pool"
    await admin.describeGroups(['warm-up'])
    return true
  } finally {
    await admin.disconnect()
  }
}

interface Ports {
  broker: number
  controller: number
  saslSsl: number
  ssl: number
}

async function freePorts(): Promise<Ports> {
  return {
    broker: await freePort(),
    controller: await freePort(),
    saslSsl: await freePort(),
    ssl: await freePort(),
  }
}

function addresses({ broker, saslSsl, ssl }: Ports): [string, string, string] {
  return [`127.0.0.1:${broker}`, `127.0.0.1:${saslSsl}`, `127.0.0.1:${ssl}`]
}

function brokerProperties(dir: string, ports: Ports): Record<string, string> {
  const [plaintext, saslBroker, sslBroker] = addresses(ports)
  const served = `PLAINTEXT://${plaintext},SASL_SSL://${saslBroker},SSL://${sslBroker}`
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `${served},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': served,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL',
    'log.dirs': join(dir, 'data'),
    'auto.create.topics.enable': 'false',
    // A killed broker may register again only after this time.
    'broker.session.timeout.ms': '6000',
    'num.network.threads': '2',
    'num.io.threads': '2',
    'log.cleaner.backoff.ms': '200',
    'log.cleaner.dedupe.buffer.size': '8388608',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
  }
}

function lines(properties: Record<string, string>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
