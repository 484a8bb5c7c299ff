import { z } from 'zod'
import type { Check } from '../check.ts'
import type { Source } from '../source.ts'
import { messageReadings } from './aws/message-readings.ts'
import { type Objects, openObjects } from './aws/objects.ts'
import { openQueue, type Queue } from './aws/queue.ts'
import { explainQueue, queuePolicy, regionOfQueue } from './aws/queue-permissions.ts'
import { type QueueReader, queueReader } from './aws/queue-reader.ts'
import { trailFilter } from './aws/trail-key.ts'
import { type Polling, poll } from './poll.ts'

export const cloudtrailSqsConfig = z.strictObject({
  queueUrl: z.url(),
  /** Left out: that of the queue's URL. */
  region: z.string().optional(),
  /** Of SQS and S3, as behind a private link. */
  endpoint: z.url().optional(),
  ...trailFilter,
  /** How many batches of up to 10 messages are worked on at once. */
  concurrency: z.int().min(1).max(16).default(2),
  /** For how long a message is ours before it may go to another; renewed while it is worked on. */
  visibilitySeconds: z.int().min(2).max(43_200).default(300),
})

export type CloudtrailSqsConfig = z.output<typeof cloudtrailSqsConfig>

export interface CloudtrailSqsDeps {
  hashKey: Buffer
  /** The wait after a look that found nothing or failed. */
  pollMs: number
  open?: (config: CloudtrailSqsConfig) => Promise<{ queue: Queue; objects: Objects }>
}

/**
 * Reads CloudTrail from a queue: objects of S3 that its messages announce, and records that they carry themselves. A
 * message is deleted only after the log holds every record of every object that it names.
 */
export function cloudtrailSqs(config: CloudtrailSqsConfig, deps: CloudtrailSqsDeps): Source {
  const { queueUrl, concurrency, visibilitySeconds } = config
  const { hashKey, pollMs, open = openAws } = deps
  let polling: Polling | null = null
  let reader: QueueReader | null = null
  let close = () => {}
  return {
    async start(context) {
      const { queue, objects } = await open(config)
      close = () => {
        queue.close()
        objects.close()
      }
      await queue.look().catch((error) => {
        close()
        throw explainQueue(queueUrl, error)
      })
      const { log } = context
      const from = { queueUrl, filter: config, objects, hashKey, log }
      const opened = queueReader({
        queue,
        queueUrl,
        concurrency,
        visibilitySeconds,
        context,
        readingsOf: (message, signal) => messageReadings(message, from, signal),
      })
      reader = opened
      polling = poll(opened.look, { intervalMs: pollMs, name: 'cloudtrail-sqs', log })
    },
    async stop() {
      await polling?.stop()
      close()
    },
    healthy: () => (polling?.healthy() ?? false) && (reader?.healthy() ?? false),
  }
}

/** For `tfdrift doctor`: whether the queue is there and may be read. */
export async function checkCloudtrailSqs(config: CloudtrailSqsConfig): Promise<Check[]> {
  const { queueUrl } = config
  const what = `SQS queue ${queueUrl}`
  const { queue, objects } = await openAws(config)
  try {
    await queue.look()
    return [{ what, ok: true }]
  } catch (error) {
    const { message: problem } = explainQueue(queueUrl, error)
    return [
      { what, ok: false, problem, fix: 'attach this policy to the role', policy: queuePolicy(queueUrl) },
    ]
  } finally {
    queue.close()
    objects.close()
  }
}

async function openAws(config: CloudtrailSqsConfig): Promise<{ queue: Queue; objects: Objects }> {
  const { queueUrl: url, endpoint, visibilitySeconds } = config
  const region = config.region ?? regionOfQueue(url)
  const queue = await openQueue({ url, region, endpoint, visibilitySeconds })
  return { queue, objects: await openObjects({ region, endpoint }) }
}
