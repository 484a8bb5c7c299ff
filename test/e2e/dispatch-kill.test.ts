import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { slackReceiver } from '../connectors/sinks/slack-receiver.ts'
import { aRecord } from '../connectors/sources/a-record.ts'
import { until } from '../services/until.ts'
import { startServiceProcess } from './service-process.ts'

const patient = { deadlineMs: 60_000 }

test('what a sink holds outlives kill -9 before and while it is sent: none is lost, and none comes twice', {
  timeout: 240_000,
}, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-held-'))
  const events = path.join(folder, 'events')
  mkdirSync(events)
  const slack = await slackReceiver()
  const key = () => randomBytes(32).toString('base64')
  const numbers = Array.from({ length: 60 }, (_, n) => n)
  const idOf = (n: number) => `i-0abc${String(n).padStart(11, '0')}`
  const start = (sink: object) =>
    startServiceProcess({
      folder,
      config: {
        dataDir: path.join(folder, 'data'),
        sources: [{ kind: 'cloudtrail-files', paths: [events], watch: true }],
        alerts: { severity: { unmanaged_resource: 'medium' } },
        sinks: { chat: { kind: 'slack', url: slack.url, intervalMs: 0, ...sink } },
        secrets,
      },
    })
  const secrets = { hashKey: key(), deadLetterKey: key() }
  const seen = (n: number) => JSON.stringify(slack.accepted).split(idOf(n)).length - 1
  try {
    let service = await start({ group: { wait: '1h', window: '2h' } })
    const records = numbers.map((n) =>
      aRecord({
        eventID: `e-${n}`,
        eventName: 'RunInstances',
        requestParameters: { instancesSet: { items: [{ imageId: 'ami-0', minCount: 1, maxCount: 1 }] } },
        responseElements: { instancesSet: { items: [{ instanceId: idOf(n) }] } },
      }),
    )
    writeFileSync(path.join(folder, 'new.json'), JSON.stringify({ Records: records }))
    renameSync(path.join(folder, 'new.json'), path.join(events, 'new.json'))
    const [, url] = /"url":"([^"]+)"/.exec(service.log())!
    await until(
      'all of them wait',
      async () =>
        (await (await fetch(`${url}/metrics`)).text()).includes('tfdrift_sink_held{sink="chat"} 60') ||
        undefined,
      patient,
    )
    service.kill('SIGKILL')
    await service.exited
    expect(slack.accepted).toEqual([])

    // One message each, so that it dies in the middle of them.
    service = await start({ group: 'off', digest: 'off', limits: { all: '1000/s' } })
    await until('the first', () => slack.accepted.length > 0 || undefined, { ...patient, everyMs: 1 })
    service.kill('SIGKILL')
    await service.exited
    expect(slack.accepted.length).toBeLessThan(60)
    const inFlight = slack.accepted.length

    service = await start({ group: { wait: '100ms', window: '1s' } })
    await until('all of them', () => numbers.every((n) => seen(n) > 0) || undefined, patient)
    expect(await service.stop()).toBe(0)
    expect(slack.accepted.length).toBeLessThanOrEqual(inFlight + 3)
    const twice = numbers.filter((n) => new Set(messagesWith(n)).size > 1)
    // Slack had answered to it, and nobody had recorded that: the one thing that a crash may repeat.
    expect(twice.length).toBeLessThanOrEqual(1)
  } finally {
    await slack.close()
    rmSync(folder, { recursive: true, force: true })
  }

  function messagesWith(n: number): number[] {
    return slack.accepted.flatMap((post, index) => (JSON.stringify(post).includes(idOf(n)) ? index : []))
  }
})
