import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertJson } from '../../../connectors/alert-json.ts'
import { DeliveryError } from '../../../connectors/sink.ts'
import { checkFalco, falcoConfig, falcoSink } from '../../../connectors/sinks/falco.ts'
import { falco } from '../../../connectors/sources/formats/falco.ts'
import type { Alert } from '../../../schemas/types.ts'
import { aDiff, anAlert, anAlertJson, aSignal } from '../an-alert.ts'
import { falcosidekickReceiver } from './falcosidekick-receiver.ts'

const live = new AbortController().signal
let receiver: Awaited<ReturnType<typeof falcosidekickReceiver>>
beforeEach(async () => {
  receiver = await falcosidekickReceiver()
})
afterEach(() => receiver.close())

async function posted(changes: Partial<Alert> = {}) {
  await falcoSink({ url: receiver.url }).deliver([anAlertJson(changes)], live)
  return receiver.accepted.at(-1)!
}

describe('a finding', () => {
  it('says who, what, where and from what to what', async () => {
    const alert = anAlert()
    expect(await posted()).toMatchObject({
      rule: 'Terraform Drift: IMDSv2 is not required',
      priority: 'Critical',
      source: 'tfdrift',
      time: '2026-03-01T10:00:01.000Z',
      output: `${alert.resource!.address}: ${alert.message}`,
      tags: ['tfdrift', 'attribute_drift', 'open', 'aws'],
      output_fields: {
        'tfdrift.alert.id': alert.id,
        'tfdrift.drift.id': alert.driftId,
        'tfdrift.status': 'open',
        'tfdrift.changes': 'metadata_options[0].http_tokens: "required" → "optional"',
        'tfdrift.actor.name': 'alice',
        'tfdrift.revert': alert.revertCommand,
      },
    })
  })

  it.each([
    ['critical', 'Critical'],
    ['high', 'Error'],
    ['medium', 'Warning'],
    ['low', 'Notice'],
    ['info', 'Informational'],
  ] as const)(
    'of severity %s has the priority %s, and once it is over wakes nobody',
    async (severity, priority) => {
      expect(await posted({ severity })).toMatchObject({ priority })
      const quiet = severity === 'info' ? 'Informational' : 'Notice'
      const resolved = await posted({ severity, status: 'resolved', resolvedBy: 'state' })
      expect(resolved).toMatchObject({ priority: quiet, output: expect.stringMatching(/^\[resolved] /) })
      expect(resolved.output_fields).toMatchObject({
        'tfdrift.severity': severity,
        'tfdrift.resolved.by': 'state',
      })
    },
  )

  it('has one uuid for each alert and status, the same in every attempt', async () => {
    const [first, again, resolved] = [await posted(), await posted(), await posted({ status: 'resolved' })]
    expect(again.uuid).toBe(first.uuid)
    expect(resolved.uuid).not.toBe(first.uuid)
  })

  it('holds no value of a sensitive diff', async () => {
    const finding = await posted({
      diffs: [aDiff({ oldValue: 'hunter1', newValue: 'hunter2', sensitive: true })],
    })
    expect(JSON.stringify(finding)).toContain('(sensitive)')
    expect(JSON.stringify(finding)).not.toContain('hunter')
  })

  it('stays small and harmless where every text is long and hostile', async () => {
    const text = `\u001b[31m\n${'x'.repeat(50_000)}`
    const finding = await posted({
      message: text,
      resource: { ...anAlert().resource!, address: text, id: text },
      diffs: Array.from({ length: 500 }, () => aDiff({ attribute: text, oldValue: text, newValue: [text] })),
      matchedRules: [{ id: text, name: text, severity: 'high' }],
      actor: { ...anAlert().actor, name: text },
      revertCommand: text,
    })
    expect(receiver.complaints).toEqual([])
    expect(JSON.stringify(finding).length).toBeLessThan(64 * 1024)
    expect(finding.output).not.toMatch(/\p{Cc}/u)
    expect(finding.output_fields).not.toHaveProperty(['tfdrift.revert'])
  })

  it('of a time that is none has the time at which it was found', async () => {
    const sourceEvent = { ...anAlert().sourceEvent, time: 'yesterday' }
    expect((await posted({ sourceEvent })).time).toBe(anAlert().detectedAt)
  })

  it('that comes back to us as a signal does not go in circles', async () => {
    const context = { hashKey: Buffer.alloc(32), origin: 'falco', receivedAt: 0 }
    const { event } = falco.read((await posted()) as never, context as never) as {
      event: { service: string }
    }
    const back = aSignal({ sourceEvent: { ...aSignal().sourceEvent, source: event.service } })
    await falcoSink({ url: receiver.url }).deliver([alertJson(back)], live)
    expect(receiver.accepted).toHaveLength(1)
    await falcoSink({ url: receiver.url }).deliver([alertJson(aSignal())], live)
    expect(receiver.accepted).toHaveLength(2)
  })
})

it('obeys 429, and shows neither token nor answer', async () => {
  const guarded = await falcosidekickReceiver({ token: 'a-token' })
  guarded.answer((response) => response.writeHead(429, { 'retry-after': '30' }).end('a-token'))
  const error = await falcoSink({ url: guarded.url, token: 'a-token' })
    .deliver([anAlertJson()], live)
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(DeliveryError)
  expect(error).toMatchObject({
    retryable: true,
    retryAfterMs: 30_000,
    message: `${guarded.origin} answered 429`,
  })
  await guarded.close()
})

describe('the check', () => {
  const check = (settings: object) => checkFalco(falcoConfig.parse({ url: receiver.url, ...settings }))

  it('pings, and posts nothing', async () => {
    expect(await check({})).toMatchObject([{ ok: true }])
    expect(receiver.accepted).toEqual([])
  })

  it('says so where somebody else answers, or nobody', async () => {
    expect(await check({ url: `${receiver.origin}/elsewhere/` })).toMatchObject([
      { ok: false, problem: expect.stringContaining("without falcosidekick's pong") },
    ])
    await receiver.close()
    expect(await check({})).toMatchObject([{ ok: false, problem: expect.stringContaining('ECONNREFUSED') }])
    receiver = await falcosidekickReceiver()
  })
})
