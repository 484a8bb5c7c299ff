import type { Bucket, StoredObject } from '../../../connectors/sources/gcp/bucket.ts'
import { gcpStorage, gcpStorageConfig } from '../../../connectors/sources/gcp-storage.ts'
import { aLogEntry, lines } from '../../support/log-entry.ts'
import { hashKey } from './a-record.ts'
import type { SourceHarness } from './source.contract.ts'

/** As Google's client throws it. */
export function apiError(code: number, reason: string): Error {
  return Object.assign(new Error('a text that may quote the request'), { code, errors: [{ reason }] })
}

/** What the names of the objects of a log begin with. */
export const ACTIVITY = 'cloudaudit.googleapis.com/activity/'

/** A bucket in memory. */
export class FakeBucket implements Bucket {
  readonly objects = new Map<string, { bytes: Buffer; generation: string }>()
  gone = false
  /** Thrown by every list. */
  fault: Error | undefined
  /** Thrown when the object is read. */
  readonly faults = new Map<string, Error>()
  /** The names that lists have begun at. */
  readonly listedFrom: (string | undefined)[] = []
  chunkBytes = 65_536
  #generation = 0

  put(name: string, content: string | Buffer): void {
    this.objects.set(name, { bytes: Buffer.from(content), generation: String(++this.#generation) })
  }

  async *list(prefix: string, from = ''): AsyncGenerator<StoredObject> {
    this.listedFrom.push(from)
    if (this.gone) throw apiError(404, 'notFound')
    if (this.fault) throw this.fault
    for (const name of [...this.objects.keys()].sort()) {
      const object = this.objects.get(name)
      if (object && name.startsWith(prefix) && name >= from) yield { name, generation: object.generation }
    }
  }

  async *read(name: string): AsyncGenerator<Buffer> {
    const fault = this.faults.get(name)
    if (fault) throw fault
    const object = this.objects.get(name)
    if (!object) throw apiError(404, 'notFound')
    for (let at = 0; at < object.bytes.length; at += this.chunkBytes)
      yield object.bytes.subarray(at, at + this.chunkBytes)
  }
}

/** The harness of the contract suite: each folder stands for a bucket. */
export function fakeLogBucket(): SourceHarness {
  const buckets = new Map<string, FakeBucket>()
  let next = 0

  function bucketOf(folder: string): FakeBucket {
    const bucket = buckets.get(folder) ?? new FakeBucket()
    buckets.set(folder, bucket)
    if (folder.endsWith('/missing')) bucket.gone = true
    return bucket
  }

  return {
    create(folder) {
      const config = { ...gcpStorageConfig.parse({ bucket: folder }), intervalMs: 5 }
      return gcpStorage(config, { hashKey, open: async () => bucketOf(folder) })
    },
    add(folder, count) {
      const bucket = bucketOf(folder)
      bucket.gone = false
      const entries = Array.from({ length: count }, () => aLogEntry({ insertId: `gcs-${next++}` }))
      bucket.put(`${ACTIVITY}2026/03/01/08:00:00_08:59:59_A0:${next++}_S0.json`, lines(...entries))
    },
    namesIn: (outputs) => outputs.flatMap(({ events = [] }) => events.map(({ eventId }) => eventId)),
    breakPlace(folder) {
      bucketOf(folder).gone = true
    },
    placeName: /gcp-storage: bucket: .*missing: there is no such thing; create it, or correct the name/,
  }
}
