import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { type AlertRecord, readAlerts } from '../../examples/consumers/read-alerts.ts'
import { createCodec } from '../../schemas/codec.ts'
import { confluentRegistry } from '../../streams/confluent-registry.ts'
import { kafkaBus } from '../../streams/kafka-bus.ts'
import { anAlert } from '../connectors/an-alert.ts'
import { quietLog } from '../connectors/quiet-log.ts'
import { available } from '../services/available.ts'
import { cached } from '../services/maven.ts'
import { until } from '../services/until.ts'

const services = available()
const SLOW = { timeout: 300_000 }
const script = path.resolve(import.meta.dirname, '../../examples/consumers/read_alerts.py')
const PACKAGES = ['confluent-kafka==2.16.1', 'fastavro==1.13.1']

describe.skipIf(!services.kafka || !services.registry)(
  'a consumer of the alerts',
  { concurrent: true },
  () => {
    const { brokers = [] } = services.kafka ?? {}
    const registry = services.registry?.url ?? ''
    const topic = `${randomUUID()}.alerts`
    const first = anAlert({ message: 'Zoë 变更' })
    const second = anAlert({ id: '2'.repeat(64), status: 'resolved' })

    beforeAll(async () => {
      const bus = await kafkaBus({ clientId: 'test', brokers, log: quietLog() })
      try {
        await bus.ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete' }])
        const codec = await createCodec('alert', topic, confluentRegistry({ host: registry }))
        const key = Buffer.from('k')
        const records = [first, first, second].map((alert) => ({ topic, key, value: codec.encode(alert) }))
        await bus.publish(records)
      } finally {
        await bus.close()
      }
    })

    test('in TypeScript reads each once, as it was published', SLOW, async () => {
      const read: AlertRecord[] = []
      const settings = { brokers, registry, topic, groupId: randomUUID() }
      const reader = await readAlerts(settings, (alert) => void read.push(alert))
      try {
        await until('both alerts are read', () => read.length >= 2 || undefined, { deadlineMs: 60_000 })
      } finally {
        await reader.stop()
      }
      expect(read).toMatchObject([first, second])
    })

    test('in Python reads each once, as it was published', SLOW, async () => {
      const site = await cached(PACKAGES.join('-').replaceAll(/[^\w.]+/g, '-'), async (dir) => {
        const args = [
          '-m',
          'pip',
          'install',
          '--quiet',
          '--disable-pip-version-check',
          '--target',
          dir,
          ...PACKAGES,
        ]
        await promisify(execFile)('python3', args, { timeout: 240_000 })
      })
      const own = {
        PYTHONPATH: site,
        BROKERS: brokers.join(),
        REGISTRY: registry,
        TOPIC: topic,
        GROUP: randomUUID(),
      }
      const child = spawn('python3', [script], {
        env: { ...process.env, ...own },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = new Promise((resolve) => child.once('exit', resolve))
      try {
        const read: unknown[] = []
        for await (const line of createInterface({ input: child.stdout })) {
          if (read.push(JSON.parse(line)) === 2) break
        }
        expect(read).toEqual([first, second])
      } finally {
        child.kill('SIGTERM')
      }
      expect(await ended).toBe(0)
    })
  },
)
