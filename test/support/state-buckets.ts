import { randomUUID } from 'node:crypto'
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Storage } from '@google-cloud/storage'

/** A bucket that keeps the versions of its objects. */
export interface StateBucket {
  bucket: string
  endpoint: string
  /** Resolves with the version's id. */
  put(key: string, content: string): Promise<string>
}

/** On a server that answers as S3 does. */
export async function makeS3Bucket(endpoint: string): Promise<StateBucket> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const s3 = new S3Client({ endpoint, region: 'eu-west-1', credentials, forcePathStyle: true })
  const Bucket = `states-${randomUUID()}`
  const LocationConstraint = 'eu-west-1'
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }))
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  return {
    bucket: Bucket,
    endpoint,
    async put(Key, Body) {
      const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key, Body }))
      return VersionId!
    },
  }
}

/** On a server that answers as Cloud Storage does. */
export async function makeGcsBucket(endpoint: string): Promise<StateBucket> {
  const storage = new Storage({ apiEndpoint: endpoint, projectId: 'test' })
  const name = `states-${randomUUID()}`
  const [bucket] = await storage.createBucket(name, { versioning: { enabled: true } })
  return {
    bucket: name,
    endpoint,
    async put(key, content) {
      const file = bucket.file(key)
      await file.save(content, { resumable: false })
      const [{ generation }] = await file.getMetadata()
      return String(generation)
    },
  }
}
