import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Alert } from '../../schemas/types.ts'
import { slackReceiver } from '../connectors/sinks/slack-receiver.ts'
import { aRecord } from '../connectors/sources/a-record.ts'
import { aWireFinding } from '../connectors/sources/falco/a-wire-finding.ts'
import { FakeFalco } from '../connectors/sources/falco/fake-falco.ts'
import { aFinding } from '../connectors/sources/formats/a-falco-finding.ts'
import { azureRecord, RULE_ID, stateRule } from '../processors/azure/a-record.ts'
import { available } from '../services/available.ts'
import { kafkaCertificates, kafkaUsers } from '../services/kafka-security.ts'
import { freePort } from '../services/ports.ts'
import { until } from '../services/until.ts'
import { newTopic, openBus } from '../streams/kafka-support.ts'
import { awsCredentials, makeTrailBucket } from '../support/trail-bucket.ts'
import type { Entrance, EntranceKind } from './entrance.ts'
import { googleEntrances } from './google-entrances.ts'
import { cannotRun, useScene } from './scene.ts'
import { decodedByStranger, wholeTopic } from './whole-topic.ts'

const scene = useScene()
const nothing = async () => {}

const instance = {
  type: 'aws_instance',
  attributes: { id: 'i-0abc123def4567890', instance_type: 't3.micro', disable_api_termination: true },
}
const rule = {
  type: 'azurerm_network_security_rule',
  attributes: {
    ...stateRule,
    id: RULE_ID,
    resource_group_name: 'net-rg',
    network_security_group_name: 'web',
    access: 'Deny',
  },
}

const kinds: EntranceKind[] = [
  ...googleEntrances,
  {
    name: 'an object in S3, announced on SQS',
    missing: !available().moto,
    state: instance,
    alert: {
      type: 'attribute_drift',
      resource: { type: 'aws_instance' },
      sourceEvent: { name: 'ModifyInstanceAttribute' },
    },
    async open() {
      const trail = await makeTrailBucket(available().moto!.endpoint)
      const { queueUrl, endpoint } = trail
      return {
        source: { kind: 'cloudtrail-sqs', queueUrl, endpoint },
        send: () => trail.add('event.json.gz', gzipSync(JSON.stringify({ Records: [anEvent()] }))),
        acknowledged: async () => (await trail.left()) === 0,
        close: nothing,
      }
    },
  },
  {
    name: 'a post of Falco',
    missing: false,
    state: instance,
    alert: {
      type: 'attribute_drift',
      resource: { type: 'aws_instance' },
      diffs: [{ attribute: 'instance_type', oldValue: '"t3.micro"', newValue: '"t3.large"' }],
    },
    async open() {
      const port = await freePort()
      let status = 0
      return {
        source: { kind: 'falco-http', port },
        async send() {
          const request = { instanceId: instance.attributes.id, instanceType: { value: 't3.large' } }
          const body = JSON.stringify(
            aFinding({ 'ct.id': randomUUID(), 'ct.request': JSON.stringify(request) }),
          )
          const headers = { 'content-type': 'application/json' }
          status = (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body })).status
        },
        acknowledged: async () => status === 202,
        close: nothing,
      }
    },
  },
  {
    name: 'a Falco gRPC event, by mutual TLS',
    missing: false,
    state: instance,
    alert: {
      type: 'attribute_drift',
      resource: { type: 'aws_instance' },
      diffs: [{ attribute: 'instance_type', oldValue: '"t3.micro"', newValue: '"t3.large"' }],
    },
    async open() {
      const { ca, serverCert, serverKey, clientCert, clientKey } = await kafkaCertificates()
      const address = `127.0.0.1:${await freePort()}`
      const falco = new FakeFalco({ address, tls: { ca, cert: serverCert, key: serverKey } })
      await falco.start()
      return {
        source: { kind: 'falco-grpc', address, tls: { ca, cert: clientCert, key: clientKey } },
        async send() {
          const request = { instanceId: instance.attributes.id, instanceType: { value: 't3.large' } }
          falco.queue.push(aWireFinding({ 'ct.id': randomUUID(), 'ct.request': JSON.stringify(request) }))
        },
        // Falco is never told more: what it has sent it has forgotten.
        acknowledged: async () => falco.queue.length === 0,
        close: async () => falco.kill(),
      }
    },
  },
  {
    name: 'a record of an event hub, by SASL_SSL',
    missing: !available().kafka,
    state: rule,
    alert: {
      type: 'attribute_drift',
      resource: { type: 'azurerm_network_security_rule' },
      diffs: [{ attribute: 'access', oldValue: '"Deny"', newValue: '"Allow"' }],
    },
    async open() {
      const bus = await openBus()
      const eventHub = await newTopic(bus)
      const { password: connectionString } = kafkaUsers.eventHubs
      const { ca } = await kafkaCertificates()
      const consumerGroup = randomUUID()
      const endpoint = available().kafka!.saslBroker
      return {
        source: { kind: 'azure-event-hubs', connectionString, eventHub, endpoint, ca, consumerGroup },
        async send() {
          const value = Buffer.from(JSON.stringify({ records: [azureRecord()] }))
          await bus.publish([{ topic: eventHub, key: null, value }])
        },
        acknowledged: async () => (await bus.committed(consumerGroup, eventHub))[0]?.offset === 1,
        close: () => bus.close(),
      }
    },
  },
]

function anEvent(): object {
  return aRecord({
    eventID: randomUUID(),
    requestParameters: { instanceId: instance.attributes.id, instanceType: { value: 't3.large' } },
  })
}

function writeState({ type, attributes }: { type: string; attributes: object }): string {
  const file = path.join(scene.folder, 'terraform.tfstate')
  const provider = `provider["registry.terraform.io/hashicorp/${type.split('_')[0]}"]`
  const resource = {
    mode: 'managed',
    type,
    name: 'a',
    provider,
    instances: [{ schema_version: 0, attributes }],
  }
  writeFileSync(
    file,
    JSON.stringify({ version: 4, serial: 1, lineage: randomUUID(), outputs: {}, resources: [resource] }),
  )
  return file
}

describe.skipIf(cannotRun('kafka'))('an event becomes an alert on Kafka, and a message in Slack', () => {
  let slack: Awaited<ReturnType<typeof slackReceiver>>
  let entrance: Entrance | undefined
  beforeEach(async () => {
    slack = await slackReceiver()
  })
  afterEach(async () => {
    await slack.close()
    await entrance?.close()
  })

  it.each(kinds.map((kind) => [kind.name, kind] as const))(
    'from %s',
    { timeout: 120_000 },
    async (_, kind) => {
      if (kind.missing) throw new Error('its peer is not there')
      entrance = await kind.open()
      const base = scene.config('kafka', writeState(kind.state)) as {
        bus: { topicPrefix: string }
      }
      const sink = { kind: 'slack', url: slack.url, allowHttp: true, allowPrivate: true }
      // People are not told of what is low or only info.
      const alerts = { info: true, severity: { attribute_drift: 'medium', signal: 'medium' } }
      const config = {
        ...base,
        alerts,
        shippedRules: false,
        sources: [entrance.source],
        sinks: { slack: sink },
      }
      const service = await scene.start({ config, env: awsCredentials })
      await entrance.send()

      await until('a message in Slack', () => slack.accepted[0] ?? undefined, { deadlineMs: 60_000 })
      const published = await decodedByStranger<Alert>(
        (await wholeTopic(`${base.bus.topicPrefix}alerts`)).map(({ value }) => value),
      )
      expect(published).toMatchObject([kind.alert])
      expect(slack.complaints).toEqual([])
      await until('acknowledged', async () => (await entrance!.acknowledged()) || undefined)
      expect(await service.stop()).toBe(0)
      expect(slack.accepted).toHaveLength(1)
    },
  )
})
