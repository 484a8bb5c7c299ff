import { z } from 'zod'
import type { Check } from '../check.ts'
import type { Source, SourceContext } from '../source.ts'
import { explainAws } from './aws/fault.ts'
import { type Objects, openObjects } from './aws/objects.ts'
import { trailFilter, whyPassedOver } from './aws/trail-key.ts'
import { readTrailObject } from './aws/trail-object.ts'
import { handOverReadings } from './hand-over-readings.ts'
import { type NextLook, type Polling, poll } from './poll.ts'
import type { EventReading } from './read-events.ts'

const KIND = 'cloudtrail-s3'
const DAY_MS = 86_400_000

const time = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-03-01T00:00:00Z' })
  .transform((text) => Date.parse(text))

export const cloudtrailS3Config = z.strictObject({
  bucket: z.string().min(1),
  /** What stands before AWSLogs/ in the keys, with its slash. */
  prefix: z.string().default(''),
  /** Of the events' own times. */
  from: time,
  /** Exclusive. */
  to: time,
  region: z.string().optional(),
  endpoint: z.url().optional(),
  ...trailFilter,
})

export type CloudtrailS3Config = z.output<typeof cloudtrailS3Config>

export interface CloudtrailS3Deps {
  hashKey: Buffer
  pollMs: number
  open?: (config: CloudtrailS3Config) => Promise<Objects>
}

/**
 * Reads the events of a range of time from a trail's bucket, once, account by account, region by region, day by day. A
 * restart goes on behind the last object that the log holds.
 */
export function cloudtrailS3(config: CloudtrailS3Config, deps: CloudtrailS3Deps): Source {
  let polling: Polling | null = null
  let objects: Objects | null = null
  return {
    async start(context) {
      const opened = await (deps.open ?? openObjects)(config)
      objects = opened
      await lookInto(opened, config)
      const look = (signal: AbortSignal) => backfill(config, deps, { objects: opened, context }, signal)
      polling = poll(look, { intervalMs: deps.pollMs, name: KIND, log: context.log })
    },
    async stop() {
      await polling?.stop()
      objects?.close()
    },
    healthy: () => polling?.healthy() ?? false,
  }
}

/** For `tfdrift doctor`: whether the bucket may be listed. */
export async function checkCloudtrailS3(config: CloudtrailS3Config): Promise<Check[]> {
  const what = `S3 bucket ${config.bucket}`
  const objects = await openObjects(config)
  try {
    await lookInto(objects, config)
    return [{ what, ok: true }]
  } catch (error) {
    const { message: problem } = error as Error
    return [{ what, ok: false, problem, fix: 'attach this policy to the role', policy: policyOf(config) }]
  } finally {
    objects.close()
  }
}

function policyOf({ bucket }: CloudtrailS3Config): string {
  const statements = [
    { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: `arn:aws:s3:::${bucket}` },
    { Effect: 'Allow', Action: ['s3:GetObject'], Resource: `arn:aws:s3:::${bucket}/*` },
    { Effect: 'Allow', Action: ['kms:Decrypt'], Resource: "the ARN of the trail's key, if it has one" },
  ]
  return JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2)
}

async function lookInto(objects: Objects, { bucket, prefix }: CloudtrailS3Config): Promise<void> {
  await objects.folders(bucket, `${prefix}AWSLogs/`).catch((error) => {
    throw explainAws(`${KIND}: bucket: ${bucket}`, 's3:ListBucket', error)
  })
}

interface Place {
  objects: Objects
  context: SourceContext
}

async function backfill(
  config: CloudtrailS3Config,
  { hashKey }: CloudtrailS3Deps,
  { objects, context }: Place,
  signal: AbortSignal,
): Promise<NextLook> {
  const { bucket, from, to } = config
  const { positions, log } = context
  let read = 0
  for await (const day of daysOf(objects, config)) {
    const position = `${bucket}/${day}@${from}-${to}`
    const last = (await positions.get(position)) ?? undefined
    for await (const key of objects.list(bucket, day, last)) {
      if (signal.aborted) return 'done'
      if (whyPassedOver(key, config)) continue
      const readings = await readTrailObject(objects, { bucket, key }, hashKey, signal)
      await handOverReadings(context, within(readings, from, to))
      await positions.set(position, key)
      read++
    }
    log.info({ source: KIND, folder: `s3://${bucket}/${day}`, objects: read }, 'backfilled')
  }
  log.info({ source: KIND, objects: read }, 'the backfill is complete')
  return 'done'
}

/** Events come up to a day after their own time, into the folder of the day on which they come. */
async function* daysOf(objects: Objects, config: CloudtrailS3Config): AsyncGenerator<string> {
  const { bucket, prefix, from, to } = config
  const root = `${prefix}AWSLogs/`
  for (const top of await objects.folders(bucket, root)) {
    const accounts = top.startsWith('o-')
      ? (await objects.folders(bucket, root + top)).map((account) => top + account)
      : [top]
    for (const account of accounts) {
      const trail = `${root}${account}CloudTrail/`
      for (const region of await objects.folders(bucket, trail)) {
        for (let day = from - (from % DAY_MS); day < to + DAY_MS; day += DAY_MS) {
          yield `${trail}${region}${new Date(day).toISOString().slice(0, 10).replaceAll('-', '/')}/`
        }
      }
    }
  }
}

function* within(readings: Iterable<EventReading>, from: number, to: number): Generator<EventReading> {
  for (const reading of readings) {
    if (!('event' in reading) || (reading.event.time >= from && reading.event.time < to)) yield reading
  }
}
