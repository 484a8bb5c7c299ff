import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { Check } from '../check.ts'
import type { Source, SourceContext } from '../source.ts'
import { announcedObjects, type ObjectName } from './aws/announcements.ts'
import { explainAws } from './aws/fault.ts'
import { workLeased } from './aws/leased-batch.ts'
import { type Objects, openObjects } from './aws/objects.ts'
import { openQueue, type Queue, type QueueMessage } from './aws/queue.ts'
import { trailFilter, whyPassedOver } from './aws/trail-key.ts'
import { readTrailObject } from './aws/trail-object.ts'
import { BadRecordError } from './bad-record.ts'
import { handOverReadings } from './hand-over-readings.ts'
import { type NextLook, type Polling, poll } from './poll.ts'
import { deadLetter, type EventReading, readEvents } from './read-events.ts'

const KIND = 'cloudtrail-sqs'

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
  let polling: Polling | null = null
  let reader: Reader | null = null
  let close = () => {}
  return {
    async start(context) {
      const { queue, objects } = await (deps.open ?? openAws)(config)
      close = () => {
        queue.close()
        objects.close()
      }
      await queue.look().catch((error) => {
        close()
        throw forbiddenQueue(config, error)
      })
      const opened = createReader(config, deps, { queue, objects, context })
      reader = opened
      polling = poll(opened.look, { intervalMs: deps.pollMs, name: KIND, log: context.log })
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
  const what = `SQS queue ${config.queueUrl}`
  const { queue, objects } = await openAws(config)
  try {
    await queue.look()
    return [{ what, ok: true }]
  } catch (error) {
    const { message } = forbiddenQueue(config, error)
    return [
      { what, ok: false, problem: message, fix: 'attach this policy to the role', policy: policyOf(config) },
    ]
  } finally {
    queue.close()
    objects.close()
  }
}

async function openAws(config: CloudtrailSqsConfig): Promise<{ queue: Queue; objects: Objects }> {
  const { queueUrl: url, region, endpoint, visibilitySeconds } = config
  const queue = await openQueue({ url, region, endpoint, visibilitySeconds })
  const [, ofUrl] = /\/\/sqs\.([a-z0-9-]+)\./.exec(url) ?? []
  return { queue, objects: await openObjects({ region: region ?? ofUrl, endpoint }) }
}

const QUEUE_ACTIONS = [
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:GetQueueAttributes',
]

function forbiddenQueue({ queueUrl }: CloudtrailSqsConfig, error: unknown): Error {
  return explainAws(`${KIND}: queueUrl: ${queueUrl}`, QUEUE_ACTIONS.join(', '), error)
}

function policyOf({ queueUrl }: CloudtrailSqsConfig): string {
  const [, region = '*', account = '*', name = '*'] =
    /\/\/sqs\.([a-z0-9-]+)\.[^/]+\/(\d+)\/(.+)$/.exec(queueUrl) ?? []
  const statements = [
    { Effect: 'Allow', Action: QUEUE_ACTIONS, Resource: `arn:aws:sqs:${region}:${account}:${name}` },
    { Effect: 'Allow', Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::YOUR-TRAIL-BUCKET/*' },
    // Without it S3 answers 403 for an object that is not there.
    { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: 'arn:aws:s3:::YOUR-TRAIL-BUCKET' },
    { Effect: 'Allow', Action: ['kms:Decrypt'], Resource: "the ARN of the trail's key, if it has one" },
  ]
  return JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2)
}

interface Place {
  queue: Queue
  objects: Objects
  context: SourceContext
}

interface Reader {
  /** Reads until the queue is empty. */
  look(signal: AbortSignal): Promise<NextLook>
  /** False while a message that has failed waits to be tried again. */
  healthy(): boolean
}

/** An announcement that was not understood as one: its objects must not be lost. */
function isUnread(reading: EventReading): boolean {
  return 'skipped' in reading && reading.skipped === 'notification'
}

/** A message that has not come again by then has gone to the queue's own dead letters. */
const FAILURE_MS = 600_000

function createReader(
  config: CloudtrailSqsConfig,
  { hashKey }: CloudtrailSqsDeps,
  { queue, objects, context }: Place,
): Reader {
  /** Of messages that failed, how much the log holds: one that keeps failing must not stay at its start. */
  const failed = new LRUCache<string, number>({ max: 1_000, ttl: FAILURE_MS })
  let lastHandOver: Promise<unknown> = Promise.resolve()

  /** One hand-over at a time, whoever reads: the log takes them one after the other anyway. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = lastHandOver.then(work)
    lastHandOver = done.catch(() => {})
    return done
  }

  async function* readings(message: QueueMessage, signal: AbortSignal): AsyncGenerator<EventReading> {
    const names = announcedObjects(message.body)
    if (!names) {
      const origin = `${config.queueUrl}#${message.id}`
      const body = Buffer.from(message.body)
      const context = { origin, receivedAt: Date.now(), hashKey }
      for (const reading of await readEvents(body, context))
        yield isUnread(reading) ? unread(origin, body) : reading
    }
    for (const object of names ?? []) {
      if (isWanted(object)) yield* await readTrailObject(objects, object, hashKey, signal)
    }
  }

  function unread(origin: string, body: Buffer): EventReading {
    return deadLetter(
      new BadRecordError('no-records', 'it announces objects in a form that is not known'),
      origin,
      body,
    )
  }

  function isWanted({ bucket, key }: ObjectName): boolean {
    const reason = whyPassedOver(key, config)
    if (reason) context.log.debug({ object: `s3://${bucket}/${key}`, reason }, 'an object is passed over')
    return reason === null
  }

  async function work(message: QueueMessage, signal: AbortSignal): Promise<void> {
    const skip = failed.get(message.id) ?? 0
    let taken = skip
    try {
      await handOverReadings(
        { ...context, emit: (output) => inTurn(() => context.emit(output)) },
        readings(message, signal),
        { skip, onTaken: (count) => (taken = Math.max(skip, count)), check: () => signal.throwIfAborted() },
      )
      failed.delete(message.id)
    } catch (error) {
      failed.set(message.id, taken)
      throw error
    }
  }

  async function receive(signal: AbortSignal): Promise<QueueMessage[]> {
    try {
      return await queue.receive(signal)
    } catch (error) {
      if (signal.aborted) return []
      throw forbiddenQueue(config, error)
    }
  }

  async function look(signal: AbortSignal): Promise<NextLook> {
    const { visibilitySeconds, concurrency } = config
    const { log } = context
    const faults: unknown[] = []
    const explain = (error: unknown) => Promise.reject(forbiddenQueue(config, error))
    const explained = {
      lease: queue.lease.bind(queue),
      remove: (done: readonly QueueMessage[]) => queue.remove(done).catch(explain),
    }
    async function drain(): Promise<void> {
      while (faults.length === 0) {
        const messages = await receive(signal)
        if (messages.length === 0) return
        const each = (message: QueueMessage) => work(message, signal)
        await workLeased(messages, each, { queue: explained, visibilitySeconds, log }, signal)
      }
    }
    const drains = Array.from({ length: concurrency }, () => drain().catch((fault) => faults.push(fault)))
    await Promise.all(drains)
    if (signal.aborted) return 'done'
    if (faults.length > 0) throw faults[0]
    return 'again'
  }

  return {
    look,
    healthy() {
      failed.purgeStale()
      return failed.size === 0
    },
  }
}
