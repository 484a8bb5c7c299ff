import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tempFolder } from '../connectors/sources/temp-folder.ts'
import { available } from '../services/available.ts'
import { until } from '../services/until.ts'
import { withEnvironment } from '../support/environment.ts'
import { makeS3Bucket } from '../support/state-buckets.ts'
import { awsCredentials } from '../support/trail-bucket.ts'
import { runInProcess } from './run-in-process.ts'

const state = (id: string, lineage: string) => {
  const resources = [{ mode: 'managed', type: 'aws_vpc', name: id, instances: [{ attributes: { id } }] }]
  return JSON.stringify({ version: 4, serial: Date.now(), lineage, resources })
}

describe.skipIf(!available().moto)('a state in S3', () => {
  withEnvironment(awsCredentials)

  test('is in the table within 2 s of the message that announces it, and the message gone', async () => {
    const { bucket, endpoint, put } = await makeS3Bucket(available().moto!.endpoint)
    const sqs = new SQSClient({ endpoint, region: 'eu-west-1' })
    const { QueueUrl: queueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: bucket }))
    const region = 'eu-west-1'
    const notifications = { queueUrl, region, endpoint }
    await put('prod/net.tfstate', state('vpc-1', 'net'))
    const folder = tempFolder()
    const running = await runInProcess(folder, {
      states: [{ kind: 's3', bucket, prefix: 'prod/', region, endpoint, notifications }],
      sync_mode: { event_driven: {} },
      sinks: { file: { kind: 'siem-file', path: `${folder}/alerts.ndjson` } },
    })
    onTestFinished(async () => {
      expect(await running.stop()).toBe(0)
    })
    const rows = async () => (await running.ask('state', 'list')).toString()
    const announce = (key: string) => {
      const s3 = { bucket: { name: bucket }, object: { key } }
      const Records = [{ eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3 }]
      return sqs.send(
        new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ Records }) }),
      )
    }
    const untilRow = (id: string, deadlineMs?: number) =>
      until(`a row of ${id}`, async () => (await rows()).includes(`aws_vpc.${id}`) || undefined, {
        ...(deadlineMs && { deadlineMs }),
      })
    await untilRow('vpc-1')

    await put('prod/net.tfstate', state('vpc-2', 'net'))
    await put('prod/new.tfstate', state('vpc-3', 'new'))
    for (const [key, id] of [
      ['prod/net.tfstate', 'vpc-2'],
      ['prod/new.tfstate', 'vpc-3'],
    ] as const) {
      await announce(key)
      await untilRow(id, 2_000)
    }
    expect(await rows()).not.toContain('aws_vpc.vpc-1')
    await until('an empty queue', async () => {
      const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] })
      const { Attributes = {} } = await sqs.send(command)
      const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: leased } =
        Attributes
      return Number(visible) + Number(leased) === 0 || undefined
    })
  })
})
