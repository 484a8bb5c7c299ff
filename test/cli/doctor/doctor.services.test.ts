import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../cli/config/load.ts'
import { createTopics } from '../../../cli/operations/topics.ts'
import { runProgram } from '../../../cli/program.ts'
import { openBus } from '../../../cli/service/open-bus.ts'
import { topology } from '../../../processors/topology.ts'
import { confluentRegistry } from '../../../streams/confluent-registry.ts'
import { quietLog } from '../../connectors/quiet-log.ts'
import { available } from '../../services/available.ts'
import { testIo } from '../../support/test-io.ts'

const services = available()
const SLOW = { timeout: 60_000 }

describe.skipIf(!services.kafka || !services.registry)('the doctor on Kafka', () => {
  const { brokers = [] } = services.kafka ?? {}
  const registry = services.registry?.url ?? ''
  const prefix = `${randomUUID()}.`
  const key = Buffer.alloc(32).toString('base64')
  let folder = ''

  function configFile(topicPrefix: string): string {
    const file = path.join(folder, `${randomUUID()}.yaml`)
    const kafka = JSON.stringify({ brokers, registry })
    writeFileSync(
      file,
      `dataDir: ${folder}
bus: { kind: kafka, topicPrefix: ${topicPrefix}, partitions: 2, kafka: ${kafka} }
secrets: { hashKey: "${key}", deadLetterKey: "${key}" }
`,
    )
    return file
  }

  async function doctor(file: string) {
    const io = testIo()
    const code = await runProgram(['doctor', '--config', file, '--format', 'ndjson'], io)
    const checks = io
      .out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { what: string; ok: boolean; problem?: string; fix?: string })
    return { code, checks, problems: checks.filter(({ ok }) => !ok) }
  }

  async function withBus<T>(
    topicPrefix: string,
    work: (open: Awaited<ReturnType<typeof openBus>>) => Promise<T>,
  ) {
    const config = loadConfig(configFile(topicPrefix), {})
    const open = await openBus(config, quietLog())
    try {
      return await work(open)
    } finally {
      await open.close()
    }
  }

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-doctor-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test(
    'finds cluster, topics and subjects well, before and after they are made, and makes none',
    SLOW,
    async () => {
      const before = await doctor(configFile(prefix))
      expect(before).toMatchObject({ code: 0, problems: [] })
      expect(before.checks.filter(({ what }) => what.includes('run makes it'))).toHaveLength(topology.length)
      expect(before.checks.filter(({ what }) => what.includes('not registered yet'))).toHaveLength(
        topology.filter(({ schema }) => schema !== null).length,
      )
      await withBus(prefix, async ({ bus, ids }) => {
        expect(await bus.describe(`${prefix}alerts`)).toBeNull()
        const config = loadConfig(configFile(prefix), {})
        await createTopics({ config, bus, ids }, {}, () => {}, new AbortController().signal)
      })
      const after = await doctor(configFile(prefix))
      expect(after).toMatchObject({ code: 0, problems: [] })
      expect(after.checks.map(({ what }) => what).join()).not.toMatch(/not there yet|not registered yet/)
      expect(after.checks[2]!.what).toMatch(/^Kafka .* \(cluster \S+\)$/)
    },
  )

  test(
    'names a topic with another clean-up or number of partitions, and a subject that does not fit',
    SLOW,
    async () => {
      const other = `${randomUUID()}.`
      await withBus(other, async ({ bus }) => {
        await bus.ensureTopics([
          { name: `${other}alerts`, partitions: 3, cleanup: 'delete' },
          { name: `${other}deliveries`, partitions: 2, cleanup: 'delete' },
        ])
      })
      const schema = JSON.stringify({
        type: 'record',
        name: 'Alert',
        fields: [{ name: 'other', type: 'int' }],
      })
      await confluentRegistry({ host: registry }).register(
        `${other}alerts-value`,
        schema,
        'BACKWARD_TRANSITIVE',
      )
      const { code, problems } = await doctor(configFile(other))
      expect(problems.map(({ what, problem }) => `${what}: ${problem}`)).toEqual([
        `topic ${other}alerts: it has 3 partitions, not 2`,
        `topic ${other}deliveries: its cleanup.policy is delete, not compact`,
        `subject ${other}alerts-value: what is registered is not compatible with the schema of this version`,
      ])
      for (const { fix } of problems) expect(fix).toBeTruthy()
      expect(code).toBe(1)
    },
  )
})
