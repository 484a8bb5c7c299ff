import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openBucket } from '../../../connectors/sources/gcp/bucket.ts'
import { checkGcpStorage, gcpStorage, gcpStorageConfig } from '../../../connectors/sources/gcp-storage.ts'
import { available } from '../../services/available.ts'
import { until } from '../../services/until.ts'
import { type LogBucket, makeLogBucket } from '../../support/log-bucket.ts'
import { aLogEntry, insertIdOf, lines } from '../../support/log-entry.ts'
import { aContext, type TestContext } from './a-context.ts'
import { hashKey } from './a-record.ts'

const { gcs } = available()
const entries = (...ids: string[]) => lines(...ids.map((insertId) => aLogEntry({ insertId })))
const ids = (context: TestContext) => context.outputs.flatMap(({ events = [] }) => events.map(insertIdOf))

async function start({ bucket, endpoint }: Pick<LogBucket, 'bucket' | 'endpoint'>, context = aContext()) {
  const source = gcpStorage(gcpStorageConfig.parse({ bucket, endpoint, intervalMs: 100 }), { hashKey })
  await source.start(context)
  onTestFinished(() => source.stop())
  return { source, context }
}

async function untilIds(context: TestContext, ...expected: string[]): Promise<void> {
  await until(expected.join(' '), () => ids(context).length >= expected.length || undefined)
  expect(ids(context)).toEqual(expected)
}

describe.skipIf(!gcs)('gcp-storage, with fake-gcs-server', () => {
  test('what a sink has written is read, plain and packed, goes on after a restart, and is waited for', async () => {
    const logs = await makeLogBucket(gcs!.endpoint)
    await logs.add('2026/03/01/08', entries('a', 'b'))
    await logs.add('2026/03/01/09', gzipSync(entries('c')))
    await logs.add('2026/03/01/10', entries('d'), { encoded: true })
    await logs.add('2026/03/01/07', entries('e'), { log: 'system_event' })
    const { source, context } = await start(logs)
    await untilIds(context, 'a', 'b', 'c', 'd', 'e')
    await source.stop()

    await logs.add('2026/03/01/07', entries('late'), { suffix: 'A0:1' })
    const next = aContext(context.kept)
    const { source: successor } = await start(logs, next)
    await untilIds(next, 'late')
    expect(successor.healthy()).toBe(true)

    await logs.remove()
    await until('unhealthy', () => !successor.healthy() || undefined)
    const errors = next.logged.filter(({ level }) => level === 'error')
    expect(JSON.stringify(errors)).toContain('there is no such thing; create it, or correct the name')
  })

  test('a bucket is listed from a name on, with the generation of each object', async () => {
    const logs = await makeLogBucket(gcs!.endpoint)
    for (const hour of ['07', '08', '09']) await logs.add(`2026/03/01/${hour}`, entries(hour))
    const bucket = await openBucket(logs)
    const names = []
    const folder = 'cloudaudit.googleapis.com/activity/'
    for await (const { name, generation } of bucket.list(folder, `${folder}2026/03/01/08`)) {
      expect(generation).toMatch(/^\d+$/)
      names.push(name.slice(folder.length))
    }
    expect(names).toEqual(['2026/03/01/08:00:00_08:59:59_S0.json', '2026/03/01/09:00:00_09:59:59_S0.json'])
  })

  test('a bucket that is not there is named, to `run` and to `doctor`', async () => {
    const { endpoint } = gcs!
    const missing = { bucket: 'no-such-bucket', endpoint }
    await expect(start(missing)).rejects.toThrow(
      'gcp-storage: bucket: no-such-bucket: there is no such thing',
    )
    const policy = expect.stringContaining('--role=roles/storage.objectViewer')
    expect(await checkGcpStorage(gcpStorageConfig.parse(missing))).toMatchObject([{ ok: false, policy }])
    const { bucket } = await makeLogBucket(endpoint)
    expect(await checkGcpStorage(gcpStorageConfig.parse({ bucket, endpoint }))).toMatchObject([{ ok: true }])
  })
})
