import { z } from 'zod'
import { explainAws, isForbidden, isMissing } from '../../aws/fault.ts'
import { openObjects, type VersionedObjects } from '../../aws/objects.ts'
import { bucketNotifications, notificationsConfig } from '../bucket-notifications.ts'
import { commonStateConfig } from '../common-config.ts'
import { keyOrPrefix } from '../key-or-prefix.ts'
import { StateFormatError } from '../state-format-error.ts'
import { AwayError, isStateName, MOST_STATE_BYTES, type StateStore } from '../state-store.ts'

export const s3StateConfig = z
  .strictObject({
    bucket: z.string().min(1),
    /** Of one state. */
    key: z.string().min(1).optional(),
    /** Of many: all keys below it that end in .tfstate. */
    prefix: z.string().optional(),
    /** Where the states of other workspaces lie, as the backend says (`env:` there by default). Left out: not read. */
    workspaceKeyPrefix: z.string().min(1).optional(),
    /** Not the newest version of `key`, but this one. */
    versionId: z.string().min(1).optional(),
    region: z.string().optional(),
    endpoint: z.url().optional(),
    notifications: notificationsConfig.optional(),
    ...commonStateConfig,
  })
  .check(keyOrPrefix('versionId'))

export type S3StateConfig = z.output<typeof s3StateConfig>

/** States in S3, where Terraform's backend of that name puts them. */
export function s3Store(config: S3StateConfig): StateStore {
  const { bucket, key, prefix, workspaceKeyPrefix, versionId, notifications } = config
  const url = `s3://${bucket}/`
  const name = url + (key ?? prefix ?? '')
  let opened: Promise<VersionedObjects> | null = null

  function objects(): Promise<VersionedObjects> {
    opened ??= openObjects(config)
    return opened
  }

  async function keysBelow(folder: string): Promise<string[]> {
    const keys: string[] = []
    try {
      for await (const found of (await objects()).list(bucket, folder)) if (isOurs(found)) keys.push(found)
    } catch (error) {
      throw explained(url + folder, `s3:ListBucket on arn:aws:s3:::${bucket}`, error)
    }
    return keys
  }

  function isOurs(candidate: string): boolean {
    const folder = workspaceKeyPrefix && `${workspaceKeyPrefix}/`
    const inWorkspace = folder && candidate.startsWith(folder)
    // Below the folder of the workspaces comes that of the workspace, and there what the backend calls the key.
    const own = inWorkspace ? candidate.slice(candidate.indexOf('/', folder.length) + 1) : candidate
    return key === undefined ? own.startsWith(prefix ?? '') && isStateName(own) : own === key
  }

  return {
    name,
    policy: policyOf(config),
    ...(notifications && { notifications: bucketNotifications(notifications) }),
    covers: (place) => place.startsWith(url) && isOurs(place.slice(url.length)),
    async places() {
      if (key !== undefined && workspaceKeyPrefix === undefined) return [url + key]
      const folders = [key ?? prefix ?? '', ...(workspaceKeyPrefix ? [`${workspaceKeyPrefix}/`] : [])]
      const keys = await Promise.all(folders.map(keysBelow))
      return [...new Set(keys.flat())].map((found) => url + found)
    },
    isLocked: async (place) => (await objects()).has({ bucket, key: `${place.slice(url.length)}.tflock` }),
    async read(place, etag, signal) {
      const object = { bucket, key: place.slice(url.length), versionId }
      try {
        const found = await (await objects()).readChanged(
          object,
          { etag, maxBytes: MOST_STATE_BYTES },
          signal,
        )
        if (!found) return null
        if (!found.bytes)
          throw new StateFormatError(`${place}: more than ${MOST_STATE_BYTES} bytes; split the state`)
        return { bytes: found.bytes, modifiedAt: found.modifiedAt, token: found.etag }
      } catch (error) {
        if (error instanceof StateFormatError) throw error
        // Without the right to list, S3 answers 403 for what is not there.
        const actions = `${versionId ? 's3:GetObjectVersion' : 's3:GetObject'} on arn:aws:s3:::${bucket}/*, s3:ListBucket on the bucket, and kms:Decrypt where a key encrypts it`
        throw explained(place, actions, error)
      }
    },
    close: () => void opened?.then((open) => open.close()),
  }
}

function explained(place: string, actions: string, cause: unknown): Error {
  const error = explainAws(place, actions, cause)
  return isMissing(cause) || isForbidden(cause) ? error : new AwayError(error.message, { cause })
}

function policyOf({ bucket, versionId }: S3StateConfig): string {
  const read = versionId ? ['s3:GetObject', 's3:GetObjectVersion'] : ['s3:GetObject']
  const statements = [
    { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: `arn:aws:s3:::${bucket}` },
    { Effect: 'Allow', Action: read, Resource: `arn:aws:s3:::${bucket}/*` },
    { Effect: 'Allow', Action: ['kms:Decrypt'], Resource: "the ARN of the bucket's key, if it has one" },
  ]
  return JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2)
}
