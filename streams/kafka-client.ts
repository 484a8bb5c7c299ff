import kafkajs, { type Admin, type Kafka, type KafkaConfig, type LogEntry } from 'kafkajs'
import { fixKafkajs } from './kafkajs-fixes.ts'
import type { Logger } from './logger.ts'

export interface KafkaConnection {
  /** What the broker logs and quotas call this process; also the prefix of the tails' throw-away groups. */
  clientId: string
  brokers: string[]
  ssl?: KafkaConfig['ssl']
  sasl?: KafkaConfig['sasl']
  /** How long an answer may take. Default 30 s. */
  requestTimeoutMs?: number
  log: Logger
}

/**
 * What kafkajs does by itself when a request fails: about three seconds of trying. Written out because its own
 * defaults depend on NODE_ENV. What outlasts it is retried by whoever asked, who knows for how long.
 */
export const retry = { initialRetryTime: 100, multiplier: 2, factor: 0.2, maxRetryTime: 2_000, retries: 5 }

export function kafkaClient(connection: KafkaConnection): Kafka {
  const { clientId, brokers, ssl, sasl, requestTimeoutMs = 30_000, log } = connection
  if (!fixKafkajs())
    log.warn({}, 'this release of kafkajs is not the one that its faults have been mended for')
  return new kafkajs.Kafka({
    clientId,
    brokers,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    connectionTimeout: 10_000,
    requestTimeout: requestTimeoutMs,
    retry,
    logLevel: kafkajs.logLevel.INFO,
    logCreator: () => (entry) => forward(entry, log),
  })
}

/** Runs one piece of work on a connection of its own: a long-lived admin fails for ever once a topic has gone. */
export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin({ retry })
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Their failures come back to us as errors, and we say what becomes of them; an outage would fill the log. */
const TALKATIVE = new Set(['Connection', 'BrokerPool', 'Producer'])

/** One step less severe than kafkajs says: whatever it cannot overcome by itself is thrown, and logged by us. */
function forward({ level, namespace, log: { message, ...extra } }: LogEntry, log: Logger): void {
  const { broker, groupId, topic, partition, error, retryCount } = extra
  const why = typeof error === 'string' ? error : undefined
  const fields = { client: namespace, broker, groupId, topic, partition, why, retryCount }
  if (TALKATIVE.has(namespace)) log.debug(fields, message)
  else if (level === kafkajs.logLevel.ERROR) log.warn(fields, message)
  else if (level === kafkajs.logLevel.WARN) log.info(fields, message)
  else log.debug(fields, message)
}
