import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { KafkaBusOptions } from '../../streams/kafka-bus.ts'
import { linkError } from '../../streams/kafka-link-error.ts'
import { available } from '../services/available.ts'
import { type KafkaCertificates, kafkaCertificates, kafkaUsers } from '../services/kafka-security.ts'
import { until } from '../services/until.ts'
import { newTopic, numbered, openBus, readAll, SLOW, upTo } from './kafka-support.ts'

const { kafka } = available()

type Links = Record<string, Pick<KafkaBusOptions, 'brokers' | 'ssl' | 'sasl'>>

function links(files: KafkaCertificates, pem: (file: string) => string): Links {
  const { saslBroker = '', sslBroker = '' } = kafka ?? {}
  const ssl = { ca: pem(files.ca) }
  return {
    'a password by PLAIN': {
      brokers: [saslBroker],
      ssl,
      sasl: { mechanism: 'plain', ...kafkaUsers.plain },
    },
    'a password by SCRAM-SHA-512': {
      brokers: [saslBroker],
      ssl,
      sasl: { mechanism: 'scram-sha-512', ...kafkaUsers.scram },
    },
    'a certificate of its own': {
      brokers: [sslBroker],
      ssl: { ...ssl, cert: pem(files.clientCert), key: pem(files.clientKey) },
    },
  }
}

const pem = (file: string) => readFileSync(file, 'utf8')

describe.skipIf(!kafka)('a bus on Kafka by TLS', SLOW, () => {
  test.each(['a password by PLAIN', 'a password by SCRAM-SHA-512', 'a certificate of its own'])(
    'publishes, reads and commits with %s',
    async (way) => {
      const link = links(await kafkaCertificates(), pem)[way]
      const bus = await openBus(link)
      onTestFinished(() => bus.close())
      const topic = await newTopic(bus, { partitions: 2 })
      await bus.publish(numbered(topic, 50))
      const values: string[] = []
      const group = randomUUID()
      const member = await bus.process({ group, topics: [topic] }, async ({ records }) => {
        values.push(...records.map(({ value }) => String(value)))
        return []
      })
      await until('all are read', () => values.length >= 50 || undefined)
      await member.stop()
      expect(values.map(Number).sort((a, b) => a - b)).toEqual(upTo(50))
      const committed = await bus.committed(group, topic)
      expect(committed.reduce((sum, { offset }) => sum + (offset ?? 0), 0)).toBe(50)
      expect(await readAll(bus, topic)).toHaveLength(50)
    },
  )

  test('says which setting keeps it out, and blames none when the broker is away', async () => {
    const files = await kafkaCertificates()
    const all = links(files, pem)
    const plain = all['a password by PLAIN']!
    const own = all['a certificate of its own']!
    const { ca } = plain.ssl as { ca: string }
    const wrong: [string | undefined, Links[string]][] = [
      [undefined, { brokers: ['127.0.0.1:1'] }],
      ['sasl', { ...plain, sasl: { mechanism: 'plain', ...kafkaUsers.plain, password: 'wrong' } }],
      ['sasl', { ...plain, sasl: { mechanism: 'scram-sha-512', ...kafkaUsers.scram, password: 'wrong' } }],
      ['sasl', { ...plain, sasl: { mechanism: 'scram-sha-256', ...kafkaUsers.scram } }],
      ['sasl', { brokers: plain.brokers, ssl: { ca } }],
      ['sasl', { brokers: kafka?.brokers ?? [], sasl: plain.sasl }],
      ['ssl.ca', { ...plain, ssl: { ca: pem(files.otherCa) } }],
      ['ssl.ca', { ...plain, ssl: {} }],
      ['ssl.cert', { ...own, ssl: { ca } }],
      ['brokers', { ...plain, ssl: { ca, servername: 'kafka.example' } }],
      ['ssl', { ...plain, brokers: kafka?.brokers ?? [] }],
      ['ssl', { brokers: plain.brokers, sasl: plain.sasl }],
    ]
    const settings = wrong.map(async ([, link]) => {
      const bus = openBus(link)
      const error = await bus.then(
        async (open) => void (await open.close()),
        (each: unknown) => each,
      )
      return linkError(error, { ssl: link.ssl !== undefined, sasl: link.sasl !== undefined })?.setting
    })
    expect(await Promise.all(settings)).toEqual(wrong.map(([setting]) => setting))
  })
})
