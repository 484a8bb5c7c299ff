import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'

/** Any would do: moto checks none. */
export const awsCredentials = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'eu-west-1',
}

/** A trail's bucket and the queue on which its objects are announced. */
export interface TrailBucket {
  bucket: string
  queueUrl: string
  endpoint: string
  /** Puts a gzipped file of CloudTrail's, and announces it so many times. */
  add(name: string, bytes: Buffer, announcements?: number): Promise<void>
  /** Messages in the queue, leased ones too. */
  left(): Promise<number>
}

/** On a server that answers as S3 and SQS do. */
export async function makeTrailBucket(endpoint: string): Promise<TrailBucket> {
  const options = {
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  }
  const s3 = new S3Client({ ...options, forcePathStyle: true })
  const sqs = new SQSClient(options)
  const Bucket = `trail-${randomUUID()}`
  const LocationConstraint = 'eu-west-1'
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }))
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: Bucket }))

  return {
    bucket: Bucket,
    queueUrl: QueueUrl!,
    endpoint,
    async add(name, bytes, announcements = 1) {
      const key = `AWSLogs/123456789012/CloudTrail/eu-west-1/2026/03/01/${name}`
      await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: bytes }))
      // Keys are encoded as forms are.
      const encoded = encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+')
      const object = { bucket: { name: Bucket }, object: { key: encoded } }
      const record = { eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3: object }
      const MessageBody = JSON.stringify({ Records: [record] })
      for (let n = 0; n < announcements; n++)
        await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }))
    },
    async left() {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })
      const { Attributes = {} } = await sqs.send(command)
      return (
        Number(Attributes.ApproximateNumberOfMessages) +
        Number(Attributes.ApproximateNumberOfMessagesNotVisible)
      )
    },
  }
}
