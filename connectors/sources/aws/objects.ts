import type { ObjectName } from './announcements.ts'

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

export interface ObjectsOptions {
  region?: string | undefined
  endpoint?: string | undefined
}

export async function openObjects({ region, endpoint }: ObjectsOptions): Promise<Objects> {
  const sdk = await import('@aws-sdk/client-s3')
  const client = new sdk.S3Client({
    ...(region && { region }),
    // An endpoint of one's own seldom has a host name for each bucket.
    ...(endpoint && { endpoint, forcePathStyle: true }),
    // A trail's bucket may lie in another region than the queue.
    followRegionRedirects: true,
  })

  return {
    async read({ bucket, key }, maxBytes, abortSignal) {
      const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key })
      const { Body, ContentLength } = await client.send(command, { abortSignal })
      if (ContentLength !== undefined && ContentLength > maxBytes) {
        ;(Body as { destroy?(): void } | undefined)?.destroy?.()
        return null
      }
      return Buffer.from(await Body!.transformToByteArray())
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
