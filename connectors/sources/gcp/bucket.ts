/** An object of Cloud Storage, as it was when it was listed. */
export interface StoredObject {
  name: string
  /** Another one for each content that the name has had. */
  generation: string
}

/** A bucket of Cloud Storage. Everything rejects with the client's error. */
export interface Bucket {
  /** The objects below a prefix, in the order of their names, from the name `from` on. */
  list(prefix: string, from?: string): AsyncIterable<StoredObject>
  /** The bytes as they are stored, piece by piece. */
  read(name: string, signal: AbortSignal): AsyncIterable<Buffer>
}

export interface BucketOptions {
  bucket: string
  /** By plain http no credentials are sent: then it is an emulator. */
  endpoint?: string | undefined
}

export async function openBucket({ bucket: name, endpoint }: BucketOptions): Promise<Bucket> {
  const { Storage } = await import('@google-cloud/storage')
  const storage = new Storage({
    ...(endpoint && { apiEndpoint: endpoint, useAuthWithCustomEndpoint: endpoint.startsWith('https:') }),
    // Whoever looks again waits, and says so, by itself.
    retryOptions: { autoRetry: false },
  })
  const bucket = storage.bucket(name)

  return {
    async *list(prefix, from) {
      const fields = 'items(name,generation),nextPageToken'
      const query = { prefix, fields, autoPaginate: false, ...(from && { startOffset: from }) }
      for (let next: object | null = {}; next; ) {
        // The client leaves autoPaginate out of the query for the next page; without it, it gives the last page for ever.
        // With `fields` it gives what the service has said, and no objects of its own.
        const page: [unknown[], object | null, ...unknown[]] = await bucket.getFiles({ ...next, ...query })
        const [found, following] = page
        for (const { name, generation } of found as StoredObject[]) yield { name, generation }
        next = following
      }
    },
    async *read(name, signal) {
      // Stored gzips are told by their bytes, so they are left as they are.
      const stream = bucket.file(name).createReadStream({ decompress: false })
      const stop = () => void stream.destroy(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      try {
        yield* stream as AsyncIterable<Buffer>
      } finally {
        signal.removeEventListener('abort', stop)
        stream.destroy()
      }
    },
  }
}
