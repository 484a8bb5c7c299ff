import type { Bucket } from '@google-cloud/storage'
import { z } from 'zod'
import { commonStateConfig } from '../common-config.ts'
import { keyOrPrefix } from '../key-or-prefix.ts'
import { StateFormatError } from '../state-format-error.ts'
import { AwayError, isStateName, MOST_STATE_BYTES, type StateStore } from '../state-store.ts'

export const gcsStateConfig = z
  .strictObject({
    bucket: z.string().min(1),
    /** The name of one object. */
    key: z.string().min(1).optional(),
    /** As in the backend: the states of all workspaces below it. */
    prefix: z.string().optional(),
    /** Not the newest generation of `key`, but this one. */
    generation: z
      .string()
      .regex(/^\d+$/, { error: 'must be the number of a generation, in quotes' })
      .optional(),
    endpoint: z.url().optional(),
    ...commonStateConfig,
  })
  .check(keyOrPrefix('generation'))

export type GcsStateConfig = z.output<typeof gcsStateConfig>

/** States in Cloud Storage, where Terraform's backend `gcs` puts them. */
export function gcsStore({
  bucket: name,
  key,
  prefix = '',
  generation,
  endpoint,
}: GcsStateConfig): StateStore {
  const url = `gs://${name}/`
  let opened: Promise<Bucket> | null = null

  function bucket(): Promise<Bucket> {
    opened ??= openBucket(name, endpoint)
    return opened
  }

  const isOurs = (candidate: string) =>
    key === undefined ? candidate.startsWith(prefix) && isStateName(candidate) : candidate === key

  return {
    name: url + (key ?? prefix),
    policy: `gcloud storage buckets add-iam-policy-binding gs://${name} --role=roles/storage.objectViewer --member=serviceAccount:YOUR-ACCOUNT@YOUR-PROJECT.iam.gserviceaccount.com`,
    covers: (place) => place.startsWith(url) && isOurs(place.slice(url.length)),
    async places() {
      if (key !== undefined) return [url + key]
      try {
        const [files] = await (await bucket()).getFiles({ prefix, fields: 'items(name),nextPageToken' })
        return files.flatMap((file) => (isOurs(file.name) ? url + file.name : []))
      } catch (error) {
        throw explained(url + prefix, 'storage.objects.list', error)
      }
    },
    async isLocked(place) {
      const lock = `${place.slice(url.length).replace(/\.tfstate$/, '')}.tflock`
      const [exists] = await (await bucket()).file(lock).exists()
      return exists
    },
    async read(place, token) {
      try {
        const file = (await bucket()).file(place.slice(url.length), generation ? { generation } : {})
        const [metadata] = await file.getMetadata()
        if (String(metadata.generation) === token) return null
        if (Number(metadata.size) > MOST_STATE_BYTES)
          throw new StateFormatError(`${place}: more than ${MOST_STATE_BYTES} bytes; split the state`)
        const [bytes] = await file.download()
        // What is written in between is read twice, and said once.
        return { bytes, modifiedAt: Date.parse(metadata.updated!), token: String(metadata.generation) }
      } catch (error) {
        if (error instanceof StateFormatError) throw error
        throw explained(place, 'storage.objects.get', error)
      }
    },
  }
}

async function openBucket(name: string, endpoint: string | undefined): Promise<Bucket> {
  const { Storage } = await import('@google-cloud/storage')
  const storage = new Storage({
    // What serves plain HTTP is an emulator, which knows no credentials.
    ...(endpoint && { apiEndpoint: endpoint, useAuthWithCustomEndpoint: endpoint.startsWith('https:') }),
    // Who looks at the states looks again soon.
    retryOptions: { autoRetry: false },
  })
  return storage.bucket(name)
}

function explained(place: string, permission: string, cause: unknown): Error {
  const { code } = cause as { code?: unknown }
  const words = (reason: string) => `${place}: ${reason}`
  switch (code) {
    case 404:
      return new Error(words('there is no such thing; create it, or correct the name'), { cause })
    case 401:
    case 403:
      return new Error(words(`not permitted (${code}); allow ${permission}`), { cause })
    default:
      return new AwayError(words(`${reasonOf(cause)}; look at the network and the endpoint`), { cause })
  }
}

/** Never the text of an answer, which may quote a request. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown error'
  if (/default credentials/.test(cause.message))
    return 'no Google credentials were found; set GOOGLE_APPLICATION_CREDENTIALS, or give the process a service account'
  const { code } = cause as { code?: unknown }
  return code === undefined ? cause.name : `${cause.name} ${code}`
}
