// Prints every alert once, as a line of JSON: a consumer of tfdrift.alerts in TypeScript.
//
//   npm install kafkajs @kafkajs/confluent-schema-registry
//   BROKERS=localhost:9092 REGISTRY=http://localhost:8081/apis/ccompat/v7 node read-alerts.ts
//
// Node 22.18 or later runs it as it is.
import { argv, env, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { Kafka, logLevel } from 'kafkajs'

export interface Settings {
  brokers: string[]
  registry: string
  topic: string
  groupId: string
}

/** An alert as the topic has it: oldValue and newValue are JSON texts, null where absent or hidden. */
export interface AlertRecord {
  id: string
  status: string
  severity: string
  message: string
  diffs: { attribute: string; oldValue: string | null; newValue: string | null; sensitive: boolean }[]
}

/** How many announcements are remembered. Yours belong where your results are: then a restart repeats none. */
const REMEMBERED = 100_000

/** Calls `onAlert` for each alert, in order for each resource. Its offset is committed after `onAlert` has resolved. */
export async function readAlerts(
  { brokers, registry: host, topic, groupId }: Settings,
  onAlert: (alert: AlertRecord) => Promise<void> | void,
): Promise<{ stop(): Promise<void> }> {
  const registry = new SchemaRegistry({ host })
  const consumer = new Kafka({ brokers, logLevel: logLevel.ERROR }).consumer({ groupId })
  const seen = new Set<string>()

  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      if (message.value === null) return
      // The Confluent wire format: a zero byte, four bytes of schema id, Avro.
      const alert = (await registry.decode(message.value)) as AlertRecord
      // After a crash or a replay the topic may carry the same record again.
      const announcement = `${alert.id}:${alert.status}`
      if (seen.has(announcement)) return
      await onAlert(alert)
      if (seen.size >= REMEMBERED) seen.clear()
      seen.add(announcement)
    },
  })
  return { stop: () => consumer.disconnect() }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const settings = {
    brokers: (env.BROKERS ?? 'localhost:9092').split(','),
    registry: env.REGISTRY ?? 'http://localhost:8081/apis/ccompat/v7',
    topic: env.TOPIC ?? 'tfdrift.alerts',
    groupId: env.GROUP ?? 'read-alerts-ts',
  }
  await readAlerts(settings, (alert) => void stdout.write(`${JSON.stringify(alert)}\n`))
}
