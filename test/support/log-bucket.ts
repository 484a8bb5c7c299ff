import { randomUUID } from 'node:crypto'
import { Storage } from '@google-cloud/storage'

/** A bucket that a sink of Cloud Logging writes to. */
export interface LogBucket {
  bucket: string
  endpoint: string
  /** `hour` as `2026/03/01/08`. `encoded`: packed by the storage, which says so beside the bytes. */
  add(
    hour: string,
    content: string | Buffer,
    options?: { suffix?: string; log?: string; encoded?: boolean },
  ): Promise<void>
  remove(): Promise<void>
}

/** On a server that answers as Cloud Storage does. */
export async function makeLogBucket(endpoint: string): Promise<LogBucket> {
  const bucket = new Storage({ apiEndpoint: endpoint, projectId: 'tests' }).bucket(`logs-${randomUUID()}`)
  await bucket.create()
  return {
    bucket: bucket.name,
    endpoint,
    async add(hour, content, { suffix = 'S0', log = 'activity', encoded = false } = {}) {
      const [, day, hours] = /^(.+)\/(\d\d)$/.exec(hour) ?? []
      const name = `cloudaudit.googleapis.com/${log}/${day}/${hours}:00:00_${hours}:59:59_${suffix}.json`
      await bucket
        .file(name)
        .save(content, { resumable: false, gzip: encoded, contentType: 'application/json' })
    },
    async remove() {
      await bucket.deleteFiles({ force: true })
      await bucket.delete()
    },
  }
}
