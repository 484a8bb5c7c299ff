import { z } from 'zod'
import type { Check } from '../check.ts'
import type { Source, SourceContext } from '../source.ts'
import { type Bucket, openBucket, type StoredObject } from './gcp/bucket.ts'
import { explainGoogle } from './gcp/fault.ts'
import { LogPosition } from './gcp/log-position.ts'
import { objectReadings } from './gcp/object-readings.ts'
import { handOverReadings } from './hand-over-readings.ts'
import { type NextLook, type Polling, poll } from './poll.ts'

const KIND = 'gcp-storage'
const ROLE = 'roles/storage.objectViewer'

export const gcpStorageConfig = z.strictObject({
  bucket: z.string().min(1),
  /** What stands before cloudaudit.googleapis.com/ in the names, with its slash. */
  prefix: z.string().default(''),
  /** Which of the audit logs. */
  logs: z.array(z.string().min(1)).min(1).default(['activity', 'system_event', 'policy']),
  /** The hours from then on; left out: all. */
  from: z.iso
    .datetime({ offset: true, error: 'must be a time such as 2026-03-01T00:00:00Z' })
    .transform((text) => Date.parse(text))
    .optional(),
  /** For how long, behind the newest hour, objects that come late are looked for. */
  lateHours: z.int().min(1).max(720).default(48),
  intervalMs: z.int().min(100).default(60_000),
  endpoint: z.url().optional(),
})

export type GcpStorageConfig = z.output<typeof gcpStorageConfig>

export interface GcpStorageDeps {
  hashKey: Buffer
  open?: (config: GcpStorageConfig) => Promise<Bucket>
}

/**
 * Reads the objects that a sink of Cloud Logging writes to a bucket, hour by hour, log by log. An object's position
 * moves after the log holds its records; a restart goes on there.
 */
export function gcpStorage(config: GcpStorageConfig, { hashKey, open = openBucket }: GcpStorageDeps): Source {
  let polling: Polling | null = null
  return {
    async start(context) {
      const bucket = await open(config)
      await lookInto(bucket, config)
      const readers = config.logs.map((log) => logReader(log, config, { bucket, context, hashKey }))
      const look = (signal: AbortSignal) => lookThrough(readers, signal)
      polling = poll(look, { intervalMs: config.intervalMs, name: KIND, log: context.log })
    },
    async stop() {
      await polling?.stop()
    },
    healthy: () => polling?.healthy() ?? false,
  }
}

/** For `tfdrift doctor`: whether the bucket may be listed. */
export async function checkGcpStorage(config: GcpStorageConfig): Promise<Check[]> {
  const what = `Cloud Storage bucket ${config.bucket}`
  try {
    await lookInto(await openBucket(config), config)
    return [{ what, ok: true }]
  } catch (error) {
    const { message: problem } = error as Error
    const policy =
      `gcloud storage buckets add-iam-policy-binding gs://${config.bucket} ` +
      `--member=serviceAccount:YOUR-SERVICE-ACCOUNT --role=${ROLE}`
    return [{ what, ok: false, problem, fix: 'grant the role to the service account', policy }]
  }
}

async function lookInto(bucket: Bucket, config: GcpStorageConfig): Promise<void> {
  try {
    for await (const _ of bucket.list(rootOf(config))) return
  } catch (error) {
    throw explained(config, error)
  }
}

function explained({ bucket }: GcpStorageConfig, error: unknown): Error {
  return explainGoogle(`${KIND}: bucket: ${bucket}`, `${ROLE} on the bucket`, error)
}

function rootOf({ prefix }: GcpStorageConfig): string {
  return `${prefix}cloudaudit.googleapis.com/`
}

interface Place {
  bucket: Bucket
  context: SourceContext
  hashKey: Buffer
}

/** Reads what is new of one log, up to the first object that cannot be read now: it is not to be left behind. */
type LogReader = (signal: AbortSignal) => Promise<void>

function logReader(log: string, config: GcpStorageConfig, { bucket, context, hashKey }: Place): LogReader {
  const folder = `${rootOf(config)}${log}/`
  const uri = `gs://${config.bucket}/${folder}`
  const { from, lateHours } = config
  const key = `${uri}${from === undefined ? '' : `@${from}`}`
  const position = new LogPosition(context.positions, key, { ...(from !== undefined && { from }), lateHours })

  async function read(object: StoredObject, skip: number, signal: AbortSignal): Promise<void> {
    const place = { bucket, name: folder + object.name, uri: uri + object.name, hashKey }
    await handOverReadings(context, objectReadings(place, signal), {
      skip,
      onTaken: (records) => (records > skip ? position.move(object, records) : undefined),
      check: () => signal.throwIfAborted(),
    })
    await position.move(object, null)
  }

  async function* listed(): AsyncGenerator<StoredObject> {
    try {
      for await (const { name, generation } of bucket.list(folder, folder + (await position.firstName())))
        yield { name: name.slice(folder.length), generation }
    } catch (error) {
      throw explained(config, error)
    }
  }

  return async (signal) => {
    for await (const object of listed()) {
      signal.throwIfAborted()
      const records = await position.recordsOf(object)
      if (records !== null) await read(object, records, signal)
    }
  }
}

async function lookThrough(readers: readonly LogReader[], signal: AbortSignal): Promise<NextLook> {
  const faults: unknown[] = []
  for (const read of readers) await read(signal).catch((fault) => faults.push(fault))
  if (signal.aborted) return 'done'
  if (faults.length > 0) throw faults[0]
  return 'again'
}
