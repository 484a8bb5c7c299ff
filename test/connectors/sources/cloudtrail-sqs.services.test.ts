import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cloudtrailS3, cloudtrailS3Config } from '../../../connectors/sources/cloudtrail-s3.ts'
import {
  checkCloudtrailSqs,
  cloudtrailSqs,
  cloudtrailSqsConfig,
} from '../../../connectors/sources/cloudtrail-sqs.ts'
import { available } from '../../services/available.ts'
import { until } from '../../services/until.ts'
import { withEnvironment } from '../../support/environment.ts'
import { awsCredentials, makeTrailBucket, type TrailBucket } from '../../support/trail-bucket.ts'
import { aContext, type TestContext } from './a-context.ts'
import { aRecord, hashKey } from './a-record.ts'

const region = 'eu-west-1'
const ids = (context: TestContext) =>
  context.outputs.flatMap(({ events = [] }) => events.map(({ eventId }) => eventId))

describe.skipIf(!available().moto)("a trail's bucket and queue, as moto has them", () => {
  withEnvironment(awsCredentials)

  const file = (...eventIDs: string[]) =>
    gzipSync(
      JSON.stringify({
        Records: eventIDs.map((eventID) => aRecord({ eventID, eventTime: '2026-03-01T10:00:00Z' })),
      }),
    )

  function settings({ queueUrl, endpoint }: TrailBucket) {
    return cloudtrailSqsConfig.parse({ queueUrl, endpoint, region })
  }

  test('an announced object is read, and its message deleted only once the log has it', async () => {
    const trail = await makeTrailBucket(available().moto!.endpoint)
    await trail.add('my file +é.json.gz', file('a', 'b'))
    const context = aContext()
    let left = -1
    context.whenEmitting = async () => {
      left = await trail.left()
    }
    const source = cloudtrailSqs(settings(trail), { hashKey, pollMs: 20 })
    await source.start(context)
    onTestFinished(() => source.stop())
    await until('an empty queue', async () => (await trail.left()) === 0 || undefined)
    expect(ids(context)).toEqual(['a', 'b'])
    expect(left).toBe(1)
  })

  test('a queue that is not there is named, to `run` and to `doctor`', async () => {
    const trail = await makeTrailBucket(available().moto!.endpoint)
    const config = { ...settings(trail), queueUrl: `${trail.queueUrl}-no` }
    const source = cloudtrailSqs(config, { hashKey, pollMs: 20 })
    await expect(source.start(aContext())).rejects.toThrow(
      /queueUrl: .*-no: there is no such thing; create it/,
    )
    expect(await checkCloudtrailSqs(config)).toMatchObject([
      { ok: false, policy: expect.stringContaining('sqs:ReceiveMessage') },
    ])
    expect(await checkCloudtrailSqs(settings(trail))).toMatchObject([{ ok: true }])
  })

  test('a backfill reads what lies in the range, and ends', async () => {
    const trail = await makeTrailBucket(available().moto!.endpoint)
    await trail.add('one.json.gz', file('c', 'd'))
    const { bucket, endpoint } = trail
    const range = { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' }
    const config = cloudtrailS3Config.parse({ bucket, endpoint, region, ...range })
    const context = aContext()
    const source = cloudtrailS3(config, { hashKey, pollMs: 20 })
    await source.start(context)
    onTestFinished(() => source.stop())
    await until(
      'the end',
      () => context.logged.some(({ message }) => message.includes('complete')) || undefined,
    )
    expect(ids(context)).toEqual(['c', 'd'])
  })
})
