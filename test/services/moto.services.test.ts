import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { available } from './available.ts'

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

test.skipIf(!available().moto)('moto keeps objects and messages', async () => {
  const { endpoint } = available().moto!
  const s3 = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true })
  await s3.send(new CreateBucketCommand({ Bucket: 'smoke' }))
  await s3.send(new PutObjectCommand({ Bucket: 'smoke', Key: 'a', Body: 'b' }))
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'smoke', Key: 'a' }))
  expect(await Body!.transformToString()).toBe('b')

  const sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials })
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'smoke' }))
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'c' }))
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }))
  expect(Messages!.map((message) => message.Body)).toEqual(['c'])
})
