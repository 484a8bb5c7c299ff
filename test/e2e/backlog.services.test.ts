import { describe, expect, it } from 'vitest'
import { available } from '../services/available.ts'
import { until } from '../services/until.ts'
import { awsCredentials, makeTrailBucket } from '../support/trail-bucket.ts'
import { comparableAlerts, makeSample, oracle } from './sample.ts'
import { cannotRun, useScene } from './scene.ts'

const KILLS = 10
const EVENTS = 20_000
/** Messages come again soon after a kill. */
const VISIBILITY_SECONDS = 4

const scene = useScene()

describe.skipIf(cannotRun('kafka') || !available().moto)('kill -9 of run on a backlog in S3 and SQS', () => {
  it(`at ${KILLS} moments of ${EVENTS} records loses nothing, and leaves no message`, {
    timeout: 400_000,
  }, async ({ annotate }) => {
    const { folder, receiver } = scene
    const settings = { events: EVENTS, resources: 2_000, seed: 4, driftShare: 0.15, files: 60 }
    const sample = makeSample(folder, settings)
    const expected = comparableAlerts(await oracle(sample, folder))
    const trail = await makeTrailBucket(available().moto!.endpoint)
    // Every third object is announced twice, as S3 may do.
    for (const [n, { name, bytes }] of sample.files.entries())
      await trail.add(name, bytes, n % 3 === 0 ? 2 : 1)

    const { queueUrl, endpoint } = trail
    const source = { kind: 'cloudtrail-sqs', queueUrl, endpoint, visibilitySeconds: VISIBILITY_SECONDS }
    const config = { ...scene.config('kafka', sample.state), sources: [source] }
    const start = () => scene.start({ config, impatient: true, env: awsCredentials })
    let service = await start()
    for (let kill = 0; kill < KILLS; kill++) {
      const progress = scene.delivered() + Math.floor((Math.random() * expected.length) / KILLS)
      const isThere = () => (scene.delivered() >= progress ? true : undefined)
      const deadlineMs = 3_000 + Math.random() * 4_000
      await until('progress', isThere, { deadlineMs, everyMs: 5 }).catch(() => {})
      service.kill('SIGKILL')
      await service.exited
      service = await start()
    }
    const isDone = async () =>
      scene.delivered() >= expected.length && (await trail.left()) === 0 ? true : undefined
    await until('every alert, and an empty queue', isDone, { deadlineMs: 240_000, everyMs: 200 })
    expect(await service.stop()).toBe(0)

    const repeats = scene.repeats()
    await annotate(
      `kill -9 on S3 and SQS: ${EVENTS} records, ${expected.length} alerts, ${KILLS} kills, 0 lost, ${repeats} raw repeats, queue empty`,
    )
    expect(comparableAlerts(receiver.hits.map(({ alert }) => alert))).toEqual(expected)
    expect(scene.delivered()).toBe(expected.length)
  })
})
