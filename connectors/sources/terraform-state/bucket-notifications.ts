import { z } from 'zod'
import type { Check } from '../../check.ts'
import { announcedObjects } from '../aws/announcements.ts'
import { explainAws } from '../aws/fault.ts'
import { workLeased } from '../aws/leased-batch.ts'
import { openQueue, type Queue } from '../aws/queue.ts'
import { QUEUE_ACTIONS, queueArn, regionOfQueue } from '../aws/queue-permissions.ts'
import { poll } from '../poll.ts'
import type { Notifications } from './state-store.ts'

/** The queue on which a bucket announces its objects: by S3's own event, by SNS or by EventBridge. */
export const notificationsConfig = z.strictObject({
  queueUrl: z.url(),
  /** Left out: that of the queue's URL. */
  region: z.string().optional(),
  endpoint: z.url().optional(),
})

export type NotificationsConfig = z.output<typeof notificationsConfig>

const VISIBILITY_SECONDS = 60
/** The wait between two receptions, which themselves wait for messages. */
const PAUSE_MS = 100

/** A message is deleted once the states that it names have been looked at; what it says of other objects counts nothing. */
export function bucketNotifications(
  config: NotificationsConfig,
  open: (config: NotificationsConfig) => Promise<Queue> = openSqs,
): Notifications {
  const { queueUrl } = config
  const explained = (error: unknown) =>
    explainAws(`s3: notifications.queueUrl: ${queueUrl}`, QUEUE_ACTIONS.join(', '), error)

  return {
    follow(log, onWritten) {
      let queue: Queue | null = null
      const polling = poll(
        async (signal) => {
          try {
            queue ??= await open(config)
            const messages = await queue.receive(signal)
            const leasing = { queue, visibilitySeconds: VISIBILITY_SECONDS, log }
            const look = async ({ body }: { body: string }) => onWritten(placesIn(body))
            await workLeased(messages, look, leasing, signal)
            return 'again'
          } catch (error) {
            if (signal.aborted) return 'done'
            throw explained(error)
          }
        },
        { intervalMs: PAUSE_MS, name: 'terraform-state', log },
      )
      return {
        healthy: polling.healthy,
        async stop() {
          await polling.stop()
          queue?.close()
        },
      }
    },
    async check(): Promise<Check[]> {
      const what = `SQS queue ${queueUrl}`
      const queue = await open(config)
      try {
        await queue.look()
        return [{ what, ok: true }]
      } catch (error) {
        const { message: problem } = explained(error)
        return [
          { what, ok: false, problem, fix: 'attach this policy to the role', policy: policyOf(queueUrl) },
        ]
      } finally {
        queue.close()
      }
    },
  }
}

function placesIn(body: string): string[] {
  return (announcedObjects(body) ?? []).map(({ bucket, key }) => `s3://${bucket}/${key}`)
}

function policyOf(queueUrl: string): string {
  const statement = { Effect: 'Allow', Action: QUEUE_ACTIONS, Resource: queueArn(queueUrl) }
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] }, null, 2)
}

function openSqs({ queueUrl: url, region, endpoint }: NotificationsConfig): Promise<Queue> {
  return openQueue({
    url,
    region: region ?? regionOfQueue(url),
    endpoint,
    visibilitySeconds: VISIBILITY_SECONDS,
  })
}
