import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  azureEventHubs,
  azureEventHubsConfig,
  checkAzureEventHubs,
} from '../../../connectors/sources/azure-event-hubs.ts'
import type { Bus } from '../../../streams/bus.ts'
import { kafkaFeeds } from '../../../streams/kafka-feed.ts'
import { azureRecord } from '../../processors/azure/a-record.ts'
import { available } from '../../services/available.ts'
import { kafkaCertificates, kafkaUsers } from '../../services/kafka-security.ts'
import { until } from '../../services/until.ts'
import { newTopic, openBus, SLOW } from '../../streams/kafka-support.ts'
import { aContext, type TestContext } from './a-context.ts'
import { hashKey } from './a-record.ts'

const { kafka } = available()
const deps = { hashKey, feeds: kafkaFeeds }

describe.skipIf(!kafka)('azure-event-hubs, by TLS and PLAIN as Event Hubs have it', SLOW, () => {
  let bus: Bus
  let ca: string
  let otherCa: string
  beforeAll(async () => {
    bus = await openBus()
    const certificates = await kafkaCertificates()
    ca = certificates.ca
    otherCa = certificates.otherCa
  })
  afterAll(() => bus?.close())

  function config(eventHub: string, changes: object = {}) {
    const { password: connectionString } = kafkaUsers.eventHubs
    const endpoint = kafka?.saslBroker
    return azureEventHubsConfig.parse({
      connectionString,
      eventHub,
      endpoint,
      ca,
      consumerGroup: randomUUID(),
      ...changes,
    })
  }

  async function send(topic: string, ...values: string[]): Promise<void> {
    await bus.publish(values.map((value) => ({ topic, key: null, value: Buffer.from(value) })))
  }

  const message = (...ids: string[]) =>
    JSON.stringify({ records: ids.map((correlationId) => azureRecord({ correlationId })) })
  const idsIn = ({ outputs }: TestContext) =>
    outputs.flatMap(({ events = [] }) => events.map(({ eventId }) => eventId.split('|')[0]))

  test('hands over what the hub holds, and moves its position only once the log has it', async () => {
    const topic = await newTopic(bus)
    const settings = config(topic)
    const position = async () => (await bus.committed(settings.consumerGroup, topic))[0]?.offset ?? null
    await send(topic, message('a', 'b'), 'not JSON', message('c'))
    const context = aContext()
    let refuse = true
    let refused = 0
    context.whenEmitting = async () => {
      if (!refuse) return
      refused++
      throw new Error('the log is away')
    }
    const source = azureEventHubs(settings, deps)
    await source.start(context)
    onTestFinished(() => source.stop())
    await until('the log has refused twice', () => refused > 1 || undefined)
    expect(source.healthy()).toBe(false)
    expect(await position()).toBeNull()
    refuse = false
    await until('all are handed over', () => idsIn(context).length >= 3 || undefined)
    await until('healthy', () => source.healthy() || undefined)
    await source.stop()
    expect(idsIn(context)).toEqual(['a', 'b', 'c'])
    expect(context.outputs.flatMap(({ deadLetters = [] }) => deadLetters)).toMatchObject([
      { code: 'not-json', origin: `${topic}/0/1#1`, bytes: Buffer.from('not JSON') },
    ])
    expect(await position()).toBe(3)

    await send(topic, message('d'))
    const next = aContext()
    const successor = azureEventHubs(settings, deps)
    await successor.start(next)
    onTestFinished(() => successor.stop())
    await until('what came meanwhile is handed over', () => idsIn(next).length > 0 || undefined)
    expect(idsIn(next)).toEqual(['d'])
  })

  test('says which of its settings keeps it out, to `run` and to `doctor`', async () => {
    const topic = await newTopic(bus)
    const wrongKey = kafkaUsers.eventHubs.password.replace(/SharedAccessKey=.*/, 'SharedAccessKey=d3Jvbmc=')
    const faults: [object, RegExp][] = [
      [
        { connectionString: wrongKey },
        /^azure-event-hubs: connectionString: .* refuses this user name and password/,
      ],
      [{ ca: otherCa }, /^azure-event-hubs: ca: .* unknown authority/],
      [{ ca: '/no/ca.pem' }, /^azure-event-hubs: ca: \/no\/ca\.pem cannot be read \(ENOENT\)/],
      [
        { eventHub: 'missing' },
        /^azure-event-hubs: there is no topic missing; create it, or correct its name/,
      ],
    ]
    const told = faults.map(async ([changes, message]) => {
      const settings = config(topic, changes)
      await expect(azureEventHubs(settings, deps).start(aContext())).rejects.toThrow(message)
      const [check] = await checkAzureEventHubs(settings, deps)
      expect(check).toMatchObject({ ok: false, problem: expect.stringMatching(message) })
      expect(JSON.stringify(check)).not.toContain('SharedAccessKey=')
    })
    await Promise.all(told)
    const what = `Azure event hub ${topic} at ${kafka?.saslBroker}`
    expect(await checkAzureEventHubs(config(topic), deps)).toEqual([{ what, ok: true }])
  })
})
