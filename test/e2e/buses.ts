import { randomBytes, randomUUID } from 'node:crypto'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import kafkajs from 'kafkajs'
import { available } from '../services/available.ts'

const key = () => randomBytes(32).toString('base64')

/** The two buses of the end-to-end tests: their part of a configuration, of topics that no other test has. */
export function busConfigs(): Record<'embedded' | 'kafka', () => { bus: object; secrets: object }> {
  const topicPrefix = () => `t${randomUUID().slice(0, 8)}.`
  const secrets = () => ({ hashKey: key(), deadLetterKey: key() })
  return {
    embedded: () => ({ bus: { kind: 'embedded', topicPrefix: topicPrefix() }, secrets: secrets() }),
    kafka: () => {
      const { kafka, registry } = available()
      const connection = { brokers: kafka!.brokers, registry: registry!.url, sessionTimeout: '6s' }
      return { bus: { kind: 'kafka', topicPrefix: topicPrefix(), kafka: connection }, secrets: secrets() }
    },
  }
}

/** A consumer that knows nothing of this project: kafkajs, and the registry's own decoder. */
export async function readByStranger(topic: string, wanted: number, deadlineMs = 60_000): Promise<unknown[]> {
  const { kafka, registry } = available()
  const client = new kafkajs.Kafka({ brokers: kafka!.brokers, logLevel: kafkajs.logLevel.NOTHING })
  const decoder = new SchemaRegistry({ host: registry!.url })
  const consumer = client.consumer({ groupId: `stranger-${randomUUID()}` })
  const values: unknown[] = []
  await consumer.connect()
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`${topic}: ${values.length} of ${wanted} records`)),
        deadlineMs,
      )
      consumer
        .run({
          eachMessage: async ({ message }) => {
            values.push(await decoder.decode(message.value!))
            if (values.length < wanted) return
            clearTimeout(late)
            resolve()
          },
        })
        .catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
  return values
}
