import { readFileSync } from 'node:fs'
import type { ForeignTopic } from '../../streams/kafka-feed.ts'
import type { Logger } from '../source.ts'

/** The hub that a diagnostic setting makes when it is given a namespace only. */
const DEFAULT_HUB = 'insights-activity-logs'
/** Where every namespace speaks Kafka. */
const KAFKA_PORT = 9093

export interface AzureConnection {
  connectionString: string
  eventHub?: string | undefined
  endpoint?: string | undefined
  ca?: string | undefined
}

/** The hub and the address of its namespace. */
export function hubOf({ connectionString, eventHub, endpoint }: AzureConnection) {
  const part = (name: string) => new RegExp(`(?:^|;)${name}=([^;]*)`).exec(connectionString)?.[1] ?? ''
  const host = /^sb:\/\/([^/:]+)/.exec(part('Endpoint'))?.[1]
  return {
    topic: eventHub ?? (part('EntityPath') || DEFAULT_HUB),
    endpoint: endpoint ?? `${host}:${KAFKA_PORT}`,
  }
}

/** As Event Hubs speak Kafka: by TLS, with PLAIN and the whole connection string for a password. Throws. */
export function topicOf(connection: AzureConnection, log: Logger): ForeignTopic {
  const { topic, endpoint } = hubOf(connection)
  return {
    topic,
    brokers: [endpoint],
    clientId: 'tfdrift',
    ssl: connection.ca === undefined ? {} : { ca: authority(connection.ca) },
    sasl: { mechanism: 'plain', username: '$ConnectionString', password: connection.connectionString },
    log,
  }
}

function authority(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`ca: ${file} cannot be read (${code}); correct the path or allow it to be read`)
  }
}
