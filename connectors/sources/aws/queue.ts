/** A message of a queue, leased for a while. */
export interface QueueMessage {
  id: string
  body: string
  receipt: string
  /** How often it has been received, this time included. */
  received: number
}

/** An SQS queue. Calls on several messages answer with those that failed: AWS reports them within a success. */
export interface Queue {
  /** Rejects if the queue is not there or may not be read. */
  look(): Promise<void>
  /** Waits up to 20 s for messages; up to 10 at once. */
  receive(signal: AbortSignal): Promise<QueueMessage[]>
  /** Leases them for so long from now; 0 gives them back. */
  lease(messages: readonly QueueMessage[], seconds: number): Promise<QueueMessage[]>
  remove(messages: readonly QueueMessage[]): Promise<QueueMessage[]>
  close(): void
}

export interface QueueOptions {
  url: string
  /** Left out: the one of the environment. */
  region?: string | undefined
  endpoint?: string | undefined
  visibilitySeconds: number
}

const MOST_AT_ONCE = 10
const LONGEST_WAIT_SECONDS = 20

export async function openQueue({ url, region, endpoint, visibilitySeconds }: QueueOptions): Promise<Queue> {
  const sdk = await import('@aws-sdk/client-sqs')
  const client = new sdk.SQSClient({ ...(region && { region }), ...(endpoint && { endpoint }) })
  const QueueUrl = url

  return {
    async look() {
      await client.send(new sdk.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
    },
    async receive(abortSignal) {
      const { Messages = [] } = await client.send(
        new sdk.ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: MOST_AT_ONCE,
          WaitTimeSeconds: LONGEST_WAIT_SECONDS,
          VisibilityTimeout: visibilitySeconds,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        }),
        { abortSignal },
      )
      return Messages.map(({ MessageId, Body, ReceiptHandle, Attributes }) => ({
        id: MessageId!,
        body: Body ?? '',
        receipt: ReceiptHandle!,
        received: Number(Attributes?.ApproximateReceiveCount ?? 1),
      }))
    },
    async lease(messages, seconds) {
      const Entries = messages.map(({ receipt }, n) => ({
        Id: String(n),
        ReceiptHandle: receipt,
        VisibilityTimeout: seconds,
      }))
      const { Failed } = await client.send(new sdk.ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }))
      return failedOf(messages, Failed)
    },
    async remove(messages) {
      const Entries = messages.map(({ receipt }, n) => ({ Id: String(n), ReceiptHandle: receipt }))
      const { Failed } = await client.send(new sdk.DeleteMessageBatchCommand({ QueueUrl, Entries }))
      return failedOf(messages, Failed)
    },
    close: () => client.destroy(),
  }
}

function failedOf(
  messages: readonly QueueMessage[],
  failed: { Id?: string | undefined }[] = [],
): QueueMessage[] {
  return failed.flatMap(({ Id }) => messages[Number(Id)] ?? [])
}
