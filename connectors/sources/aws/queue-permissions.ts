import { explainAws } from './fault.ts'

/** What a reader of a queue must be allowed. */
export const QUEUE_ACTIONS = [
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:GetQueueAttributes',
]

/** An error of the queue, in words that name what must be allowed. */
export function explainQueue(queueUrl: string, error: unknown): Error {
  return explainAws(`cloudtrail-sqs: queueUrl: ${queueUrl}`, QUEUE_ACTIONS.join(', '), error)
}

/** The policy that a reader of the queue needs, to paste. */
export function queuePolicy(queueUrl: string): string {
  const statements = [
    { Effect: 'Allow', Action: QUEUE_ACTIONS, Resource: queueArn(queueUrl) },
    { Effect: 'Allow', Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::YOUR-TRAIL-BUCKET/*' },
    // Without it S3 answers 403 for an object that is not there.
    { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: 'arn:aws:s3:::YOUR-TRAIL-BUCKET' },
    { Effect: 'Allow', Action: ['kms:Decrypt'], Resource: "the ARN of the trail's key, if it has one" },
  ]
  return JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2)
}

export function queueArn(queueUrl: string): string {
  const [, region = '*', account = '*', name = '*'] =
    /\/\/sqs\.([a-z0-9-]+)\.[^/]+\/(\d+)\/(.+)$/.exec(queueUrl) ?? []
  return `arn:aws:sqs:${region}:${account}:${name}`
}

export function regionOfQueue(queueUrl: string): string | undefined {
  return /\/\/sqs\.([a-z0-9-]+)\./.exec(queueUrl)?.[1]
}
