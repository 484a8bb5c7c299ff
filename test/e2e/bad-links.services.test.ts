import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import kafkajs from 'kafkajs'
import { describe, expect, type TestContext, test } from 'vitest'
import type { OutRecord } from '../../streams/bus.ts'
import { aRecord } from '../connectors/sources/a-record.ts'
import { available } from '../services/available.ts'
import { faultyGate } from '../services/faulty-gate.ts'
import { startKafka } from '../services/kafka.ts'
import { freePort } from '../services/ports.ts'
import { until } from '../services/until.ts'
import { openBus } from '../streams/kafka-support.ts'
import { busConfigs } from './buses.ts'
import { type InProcess, runInProcess } from './run-in-process.ts'

const SLOW = { timeout: 120_000 }
const { kafka, registry } = available()
const held = { id: 'i-0abc123def4567890', instance_type: 't3.micro' }

type Ending = Pick<TestContext, 'onTestFinished'>

/** A folder with a state and events, and `run` on Kafka in it; `links` are what is unlike the other tests'. */
function scene({ onTestFinished }: Ending, links: object = {}, more: object = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-links-'))
  const inFolder = (...names: string[]) => path.join(folder, ...names)
  mkdirSync(inFolder('events'))
  const provider = 'provider["registry.terraform.io/hashicorp/aws"]'
  const instances = [{ schema_version: 0, attributes: held }]
  const resources = [{ mode: 'managed', type: 'aws_instance', name: 'a', provider, instances }]
  const state = { version: 4, serial: 1, lineage: 'a', outputs: {}, resources }
  writeFileSync(inFolder('a.tfstate'), JSON.stringify(state))
  const { bus, secrets } = busConfigs().kafka()
  const { topicPrefix, kafka: connection } = bus as { topicPrefix: string; kafka: object }
  const running: InProcess[] = []

  /** `others`: links that are others this time. */
  async function start(others: object = {}): Promise<InProcess> {
    const started = await runInProcess(folder, {
      bus: { kind: 'kafka', topicPrefix, partitions: 2, kafka: { ...connection, ...links, ...others } },
      secrets,
      sources: [{ kind: 'cloudtrail-files', paths: [inFolder('events')], watch: true }],
      states: [{ kind: 'file', path: inFolder('a.tfstate') }],
      alerts: { info: true },
      sinks: { file: { kind: 'siem-file', path: inFolder('alerts.ndjson') } },
      ...more,
    })
    running.push(started)
    return started
  }

  /** A fresh event that differs from the state; returns its id. */
  function happen(): string {
    const eventID = randomUUID()
    const requestParameters = { instanceId: held.id, instanceType: { value: 't3.large' } }
    writeFileSync(inFolder(`${eventID}.json`), JSON.stringify(aRecord({ eventID, requestParameters })))
    renameSync(inFolder(`${eventID}.json`), inFolder('events', `${eventID}.json`))
    return eventID
  }

  function told(id: string): string | undefined {
    const file = inFolder('alerts.ndjson')
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
    return lines.find((line) => line.includes(id))
  }

  /** It becomes an alert that has been compared with the state. */
  async function becomesAlert(id = happen()): Promise<void> {
    const line = await until(`the alert of ${id}`, () => told(id), { deadlineMs: 60_000 })
    expect(line).toContain('aws_instance.a')
  }

  onTestFinished(async () => {
    for (const one of running) await one.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return { topicPrefix, start, happen, told, becomesAlert }
}

/** The registry of this run behind a proxy that can be made to answer 500. */
const faultyRegistry = (context: Ending) =>
  faultyGate(
    new URL(registry?.url ?? ''),
    { status: 500, headers: { 'content-type': 'application/json' }, body: '{"message":"boom"}' },
    context,
  )

/** Records that are no part of the pipeline's own. */
async function publish(records: OutRecord[]): Promise<void> {
  const bus = await openBus()
  await bus.publish(records)
  await bus.close()
}

async function deleteTopic(topic: string): Promise<void> {
  const client = new kafkajs.Kafka({ brokers: kafka?.brokers ?? [], logLevel: kafkajs.logLevel.NOTHING })
  const admin = client.admin()
  await admin.connect()
  await admin.deleteTopics({ topics: [topic] })
  await until(`${topic} is gone`, async () => !(await admin.listTopics()).includes(topic) || undefined)
  await admin.disconnect()
}

describe.skipIf(!kafka || !registry).concurrent('run ends with 1, the setting and the fix, at', SLOW, () => {
  test('a broker that is not there', async (context) => {
    const address = `127.0.0.1:${await freePort()}`
    const refusal = await scene(context, { brokers: [address] })
      .start()
      .catch(String)
    expect(refusal).toContain('run ended with 1')
    const why = `${address} cannot be reached (ECONNREFUSED); correct the address, or start the broker`
    expect(refusal).toContain(`bus.kafka.brokers: ${why}`)
  })

  test('a registry that is not there', async (context) => {
    const address = `http://127.0.0.1:${await freePort()}`
    const refusal = await scene(context, { registry: address }).start().catch(String)
    expect(refusal).toContain('run ended with 1')
    const why = `at ${address} cannot be reached (ECONNREFUSED); correct the address, or start it`
    expect(refusal).toContain(`bus.kafka.registry: the schema registry ${why}`)
  })

  test('a registry that answers 500, and starts when that is over', async (context) => {
    const gate = await faultyRegistry(context)
    gate.fails = true
    const { start, becomesAlert } = scene(context, { registry: gate.url })
    const refusal = await start().catch(String)
    expect(refusal).toContain('run ended with 1')
    expect(refusal).toContain(
      `bus.kafka.registry: the schema registry at ${gate.url} answered 500; its own log`,
    )
    gate.fails = false
    await start()
    await becomesAlert()
  })

  test.for([
    ['deliveries', 2, 'cleanup.policy is delete, expected compact'],
    ['alerts', 3, 'partitions is 3, expected 2'],
  ] as const)('topic %s with %i partitions, cut off: and starts when it is right', async (wrong, context) => {
    const [name, partitions, message] = wrong
    const { topicPrefix, start, becomesAlert } = scene(context)
    const topic = `${topicPrefix}${name}`
    const bus = await openBus()
    await bus.ensureTopics([{ name: topic, partitions, cleanup: 'delete' }])
    await bus.close()
    const refusal = await start().catch(String)
    expect(refusal).toContain('run ended with 1')
    expect(refusal).toContain(
      `topic ${topic}: ${message}: change the configuration to fit the topic, or replace`,
    )
    await deleteTopic(topic)
    await start()
    await becomesAlert()
  })

  test('keys that all instances must share and that are missing', async (context) => {
    const refusal = await scene(context, {}, { secrets: {} }).start().catch(String)
    expect(refusal).toContain('run ended with 1')
    for (const key of ['hashKey', 'deadLetterKey'])
      expect(refusal).toMatch(
        new RegExp(`tfdrift\\.yaml secrets\\.${key}: missing; .*openssl rand -base64 32`),
      )
  })
})

describe.skipIf(!kafka || !registry).concurrent('while it runs', SLOW, () => {
  test('a record of an unknown schema waits for the registry, is a dead letter then, and the rest goes on', async (context) => {
    const gate = await faultyRegistry(context)
    const { topicPrefix, start, happen, told, becomesAlert } = scene(context, { registry: gate.url })
    const service = await start()
    await becomesAlert()
    gate.fails = true
    const value = Buffer.concat([Buffer.from([0, 0x7f, 0xff, 0xff, 0x01]), Buffer.from('whatever')])
    const topic = `${topicPrefix}raw-events`
    await publish([0, 1].map((partition) => ({ topic, key: null, value, partition })))
    await until('the registry is asked', () => gate.refused > 0 || undefined)
    const waiting = happen()
    expect(told(waiting)).toBeUndefined()

    gate.fails = false
    await becomesAlert(waiting)
    const letters = await until('the dead letters', async () => {
      const lines = String(await service.ask('dead-letters', 'list'))
        .split('\n')
        .filter(Boolean)
      return lines.length === 2 ? lines.map((line) => JSON.parse(line) as { id: string }) : undefined
    })
    expect(letters).toMatchObject([0, 1].map(() => ({ stage: 'process', code: 'DecodeError' })))
    for (const { id } of letters)
      expect(await service.ask('dead-letters', 'show', id, '--raw')).toEqual(value)
    await becomesAlert()
  })

  test.for(['raw-events', 'alerts', 'state-snapshot', 'deliveries'])(
    'the topic %s is deleted: run ends with 1 and its name, and the next start makes good',
    async (name, context) => {
      const { topicPrefix, start, happen, becomesAlert } = scene(context)
      const service = await start()
      await becomesAlert()
      const topic = `${topicPrefix}${name}`
      await deleteTopic(topic)
      happen()
      expect(await service.ended()).toBe(1)
      expect(service.log()).toContain(`topic ${topic} was deleted while it was in use; start again`)
      await start()
      await becomesAlert()
    },
  )

  test('the broker goes away: what happened meanwhile is told when it is back; so too on another cluster', async (context) => {
    const own = await startKafka()
    context.onTestFinished(() => own.stop())
    const { start, happen, told, becomesAlert } = scene(context)
    const service = await start({ brokers: own.brokers })
    await becomesAlert()
    await own.stop({ keep: true })
    const meanwhile = happen()
    await until('it is noticed', () => /"level":"(warn|error)"/.test(service.log()) || undefined)
    expect(told(meanwhile)).toBeUndefined()
    await own.start()
    await becomesAlert(meanwhile)
    await becomesAlert()
    expect(await service.stop()).toBe(0)

    const elsewhere = await start()
    expect(elsewhere.log()).toContain('"reason":"another cluster"')
    await becomesAlert()
  })
})
