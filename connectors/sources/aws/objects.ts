import type { GetObjectCommandInput } from '@aws-sdk/client-s3'
import type { ObjectName } from './announcements.ts'
import { isMissingObject, statusOf } from './fault.ts'

/** Objects of S3. */
export interface Objects {
  /** The bytes as they are stored; null if they are more than `maxBytes`. Rejects with the client's error. */
  read(object: ObjectName, maxBytes: number, signal: AbortSignal): Promise<Buffer | null>
  /** Keys below a prefix, in order, behind `after`. */
  list(bucket: string, prefix: string, after?: string): AsyncIterable<string>
  /** The names of the folders right below a prefix, each with its slash. */
  folders(bucket: string, prefix: string): Promise<string[]>
  close(): void
}

/** A version of an object. */
export interface ObjectVersion {
  /** null if they are more than what was allowed. */
  bytes: Buffer | null
  etag: string
  /** Epoch milliseconds. */
  modifiedAt: number
}

/** Objects whose versions can be told apart. */
export interface VersionedObjects extends Objects {
  /** Whether it is there. Rejects with the client's error where that cannot be told. */
  has(object: ObjectName): Promise<boolean>
  /** The object, or that version of it; null if its ETag is `etag` still. Rejects with the client's error. */
  readChanged(
    object: ObjectName & { versionId?: string | undefined },
    known: { etag: string | undefined; maxBytes: number },
    signal?: AbortSignal,
  ): Promise<ObjectVersion | null>
}

export interface ObjectsOptions {
  region?: string | undefined
  endpoint?: string | undefined
}

export async function openObjects({ region, endpoint }: ObjectsOptions): Promise<VersionedObjects> {
  const sdk = await import('@aws-sdk/client-s3')
  const client = new sdk.S3Client({
    ...(region && { region }),
    // An endpoint of one's own seldom has a host name for each bucket.
    ...(endpoint && { endpoint, forcePathStyle: true }),
    // A trail's bucket may lie in another region than the queue.
    followRegionRedirects: true,
  })

  async function get(input: GetObjectCommandInput, maxBytes: number, abortSignal?: AbortSignal) {
    const answer = await client.send(new sdk.GetObjectCommand(input), abortSignal && { abortSignal })
    const { Body, ContentLength, ETag, LastModified } = answer
    const isTooLarge = ContentLength !== undefined && ContentLength > maxBytes
    if (isTooLarge) (Body as { destroy?(): void } | undefined)?.destroy?.()
    const bytes = isTooLarge ? null : Buffer.from(await Body!.transformToByteArray())
    return { bytes, etag: ETag ?? '', modifiedAt: LastModified?.getTime() ?? Date.now() }
  }

  return {
    async read({ bucket, key }, maxBytes, abortSignal) {
      const { bytes } = await get({ Bucket: bucket, Key: key }, maxBytes, abortSignal)
      return bytes
    },
    async readChanged({ bucket, key, versionId }, { etag, maxBytes }, abortSignal) {
      const input = { Bucket: bucket, Key: key, VersionId: versionId, IfNoneMatch: etag }
      try {
        return await get(input, maxBytes, abortSignal)
      } catch (error) {
        if (statusOf(error) === 304) return null
        throw error
      }
    },
    async has({ bucket, key }) {
      try {
        await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }))
        return true
      } catch (error) {
        if (isMissingObject(error)) return false
        throw error
      }
    },
    async *list(bucket, prefix, after) {
      let start = after
      for (let more = true; more; ) {
        const command = new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, StartAfter: start })
        const { Contents = [], IsTruncated } = await client.send(command)
        for (const { Key } of Contents) yield Key!
        start = Contents.at(-1)?.Key
        more = IsTruncated === true && start !== undefined
      }
    },
    async folders(bucket, prefix) {
      const found: string[] = []
      const input = { Bucket: bucket, Prefix: prefix, Delimiter: '/' }
      for await (const { CommonPrefixes = [] } of sdk.paginateListObjectsV2({ client }, input)) {
        found.push(...CommonPrefixes.map(({ Prefix }) => Prefix!.slice(prefix.length)))
      }
      return found
    },
    close: () => client.destroy(),
  }
}
