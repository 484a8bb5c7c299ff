import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertJson } from '../../../connectors/alert-json.ts'
import { createDelivery } from '../../../connectors/deliver.ts'
import { DeliveryError } from '../../../connectors/sink.ts'
import { checkPagerduty, pagerdutyConfig, pagerdutySink } from '../../../connectors/sinks/pagerduty.ts'
import { timeLimit } from '../../../connectors/time-limit.ts'
import type { Alert } from '../../../schemas/types.ts'
import { aDiff, anAlert, anAlertJson, aSignal } from '../an-alert.ts'
import { quietLog } from '../quiet-log.ts'
import { pagerdutyReceiver } from './pagerduty-receiver.ts'

const live = new AbortController().signal
const driftId = anAlert().driftId
let receiver: Awaited<ReturnType<typeof pagerdutyReceiver>>
beforeEach(async () => {
  receiver = await pagerdutyReceiver()
})
afterEach(() => receiver.close())

const config = (changes: object = {}) =>
  pagerdutyConfig.parse({ url: receiver.url, routingKey: receiver.routingKey, ...changes })
const send = (changes: Partial<Alert> = {}) => pagerdutySink(config()).deliver([anAlertJson(changes)], live)
const incident = () => receiver.incidents.get(driftId)

async function refusalOf(changes: object = {}): Promise<DeliveryError> {
  const error = await pagerdutySink(config(changes))
    .deliver([anAlertJson()], live)
    .then(
      () => expect.fail('PagerDuty accepted it'),
      (reason: unknown) => reason,
    )
  expect(error).toBeInstanceOf(DeliveryError)
  return error as DeliveryError
}

describe('the incident of a drift', () => {
  it('is triggered, gathers changes, is acknowledged and resolved, under the id of the drift', async () => {
    for (const status of ['open', 'changed', 'acknowledged', 'resolved'] as const) await send({ status })
    expect(receiver.accepted.map((event) => event.event_action)).toEqual([
      'trigger',
      'trigger',
      'acknowledge',
      'resolve',
    ])
    expect([...receiver.incidents]).toEqual([[driftId, { status: 'resolved', opened: 1 }]])
    expect(receiver.complaints).toEqual([])
  })

  it.each(['suppressed', 'expired'] as const)('is resolved when the drift is %s', async (status) => {
    await send()
    await send({ status })
    expect(incident()).toMatchObject({ status: 'resolved' })
  })

  it('is one, however often the same is sent', async () => {
    for (const status of ['open', 'open', 'acknowledged', 'acknowledged', 'resolved', 'resolved'] as const)
      await send({ status })
    expect(incident()).toEqual({ status: 'resolved', opened: 1 })
  })

  it('opens again when the drift comes back', async () => {
    for (const status of ['open', 'resolved', 'open'] as const) await send({ status })
    expect(incident()).toEqual({ status: 'triggered', opened: 2 })
  })

  it('of two alerts of one drift is resolved with either, and stays so', async () => {
    for (const id of ['one', 'two']) await send({ id, driftId })
    for (const id of ['one', 'two']) await send({ id, driftId, status: 'resolved' })
    expect([...receiver.incidents.values()]).toEqual([{ status: 'resolved', opened: 1 }])
  })
})

describe('an event', () => {
  it.each([
    ['critical', 'critical'],
    ['high', 'error'],
    ['medium', 'warning'],
    ['low', 'info'],
    ['info', 'info'],
  ] as const)('of severity %s is %s there', async (severity, theirs) => {
    await send({ severity })
    expect(receiver.accepted[0]!.payload.severity).toBe(theirs)
  })

  it('says who, what, from what to what, by which rule, and how to set it back', async () => {
    await send()
    const alert = anAlert()
    const [{ payload, links }] = receiver.accepted as [(typeof receiver.accepted)[0]]
    expect(payload).toMatchObject({
      summary: alert.message,
      source: alert.resource!.address,
      timestamp: '2026-03-01T10:00:01.000Z',
      component: 'i-0abc',
      group: 'aws 123456789012 eu-west-1',
      class: 'aws_instance',
      custom_details: {
        alert: { id: alert.id, status: 'open' },
        changes: ['metadata_options[0].http_tokens: "required" → "optional"'],
        who: expect.stringContaining('alice'),
        rules: ['aws-001 IMDSv2 is not required'],
        revert: alert.revertCommand,
      },
    })
    expect(links.map(({ href }) => href)).toEqual([
      alert.runbookUrl,
      expect.stringMatching(/cloudtrailv2\/home\?region=eu-west-1#\/events\//),
    ])
  })

  it('of a signal has no resource, and its time in milliseconds', async () => {
    await pagerdutySink(config()).deliver([alertJson(aSignal())], live)
    expect(receiver.complaints).toEqual([])
    const { payload } = receiver.accepted[0]!
    expect(payload).toMatchObject({ source: 'Terminal shell in container', class: 'syscall' })
    expect(payload.timestamp).toBe('2026-03-01T10:00:01.123Z')
    expect(payload).not.toHaveProperty('component')
  })

  it('leaves away what the source does not tell', async () => {
    const sourceEvent = { id: '', source: '', name: 'A rule', time: '' }
    await pagerdutySink(config()).deliver([alertJson(aSignal({ sourceEvent, message: '' }))], live)
    expect(receiver.complaints).toEqual([])
    expect(receiver.accepted[0]!.payload).toMatchObject({
      summary: 'A rule',
      timestamp: '2026-03-01T10:00:03.250Z',
    })
  })

  it('holds no value of a sensitive diff, and the key nowhere but in its place', async () => {
    await send({ diffs: [aDiff({ oldValue: 'hunter1', newValue: 'hunter2', sensitive: true })] })
    const { routing_key: _, ...event } = receiver.accepted[0]!
    expect(JSON.stringify(event)).not.toMatch(/hunter|R0UTINGKEY/)
  })

  it.each([
    ['long', 'x'.repeat(3_000)],
    ['of surrogates', '🚧'.repeat(1_500)],
    ['of what JSON escapes', '"\\'.repeat(1_500)],
    ['of line breaks and escape sequences', '\n\u001b[31m'.repeat(500)],
  ])('stays within the limits where every text is %s', async (_, text) => {
    const alert = anAlert()
    await send({
      message: text,
      resource: { ...alert.resource!, address: text, id: text, type: text, region: text },
      diffs: Array.from({ length: 150 }, () => aDiff({ attribute: text, oldValue: text, newValue: [text] })),
      matchedRules: Array.from({ length: 300 }, () => ({ id: text, name: text, severity: 'high' as const })),
      actor: { ...alert.actor, name: text },
      sourceEvent: { id: text, source: text, name: text, time: text },
      remediation: Array.from({ length: 300 }, () => text),
      revertCommand: text,
      runbookUrl: `https://example.com/${text}`,
    })
    expect(receiver.complaints).toEqual([])
    expect(receiver.accepted).toHaveLength(1)
    expect(receiver.accepted[0]!.payload.custom_details.changes).toHaveLength(102)
  })

  it('gives a command whole or not at all', async () => {
    for (const revertCommand of [`aws ${'x'.repeat(20_000)}`, 'echo \u202e']) {
      await send({ revertCommand })
      expect(receiver.accepted.at(-1)!.payload.custom_details.revert).toMatch(/does not fit/)
    }
    await send({ revertCommand: 'aws a\naws b' })
    expect(receiver.accepted.at(-1)!.payload.custom_details.revert).toBe('aws a\naws b')
  })

  it('does not link to a place that is none', async () => {
    await send({ runbookUrl: 'javascript:alert(1)' })
    expect(receiver.accepted[0]!.links.map(({ text }) => text)).not.toContain('Runbook')
  })
})

describe("PagerDuty's answer", () => {
  const other = 'R0UTINGKEY0123456789abcdefABCDEX'

  it('to a key that it does not know is final, says what to do, and does not quote the key', async () => {
    const error = await refusalOf({ routingKey: other })
    expect(error.retryable).toBe(false)
    expect(error.message).toBe(
      `${receiver.origin} answered 400: it does not know the routing key; copy it again`,
    )
  })

  it.each([
    [400, false],
    [413, false],
    [429, true],
    [500, true],
    [503, true],
  ])('of %i is retryable or not, and not quoted', async (status, retryable) => {
    receiver.answer((response) => response.writeHead(status).end('hunter2'))
    const error = await refusalOf()
    expect(error).toMatchObject({ retryable, message: expect.stringContaining(`answered ${status}`) })
    expect(error.message).not.toContain('hunter2')
  })

  it('of 429 is obeyed, and half a minute is waited where it does not say how long', async () => {
    receiver.answer((response) => response.writeHead(429, { 'retry-after': '7' }).end())
    expect(await refusalOf()).toMatchObject({ retryable: true, retryAfterMs: 7_000 })
    receiver.answer((response) => response.writeHead(429).end())
    expect(await refusalOf()).toMatchObject({ retryable: true, retryAfterMs: 30_000 })
  })

  it.each(['<html>', '{"status":"ok"}', 'null'])(
    'of 2xx that is not its own is not taken for an acceptance: %s',
    async (text) => {
      receiver.answer((response) => response.writeHead(202).end(text))
      expect(await refusalOf()).toMatchObject({ retryable: true })
    },
  )

  it('that comes too late leads to one incident', async () => {
    receiver.answer((response) => receiver.answer(null) ?? response.flushHeaders())
    const sink = pagerdutySink(config())
    await createDelivery({
      sink,
      name: 'pager',
      timeoutMs: 100,
      retry: { minMs: 1, maxMs: 1, maxElapsedMs: 10_000 },
      wasDelivered: async (keys) => keys.map(() => false),
      record: async () => {},
      deadLetter: async () => expect.fail('an alert became a dead letter'),
      log: quietLog(),
    }).deliver([anAlert()], live)
    expect([...receiver.incidents.values()]).toEqual([{ status: 'triggered', opened: 1 }])
  })
})

it('stops when its time is up while the answer is on its way', async () => {
  receiver.answer((response) => response.writeHead(202).write('{"status":'))
  const late = timeLimit(50, live, (signal) => pagerdutySink(config()).deliver([anAlertJson()], signal))
  await expect(late).rejects.toMatchObject({ retryable: true, message: 'no answer within 50 ms' })
})

describe('the check', () => {
  it('is fine where the key is right, and opens no incident', async () => {
    expect(await checkPagerduty(config())).toMatchObject([{ ok: true }])
    expect([...receiver.incidents]).toEqual([])
  })

  it('says so where the key is wrong, or nobody is there', async () => {
    const routingKey = 'x'.repeat(32)
    expect(await checkPagerduty(config({ routingKey }))).toMatchObject([
      {
        ok: false,
        problem: expect.stringContaining('routing key'),
        fix: expect.stringContaining('Events API'),
      },
    ])
    const settings = config()
    await receiver.close()
    expect(await checkPagerduty(settings)).toMatchObject([
      { ok: false, problem: expect.stringContaining('ECONNREFUSED') },
    ])
    receiver = await pagerdutyReceiver()
  })
})

describe('the configuration', () => {
  it('is that of the American service unless told otherwise', () => {
    expect(pagerdutyConfig.parse({ routingKey: 'a'.repeat(32) }).url).toBe('https://events.pagerduty.com')
  })

  it.each(['short', 'e+23rschqsESqk9Q6_-g', 'a'.repeat(33)])('refuses the key %s', (routingKey) => {
    const found = pagerdutyConfig.safeParse({ routingKey }).error?.issues
    expect(found).toMatchObject([{ path: ['routingKey'] }])
  })

  it('refuses a URL that holds the path already', () => {
    const url = 'https://events.pagerduty.com/v2/enqueue'
    const found = pagerdutyConfig.safeParse({ url, routingKey: 'a'.repeat(32) }).error?.issues
    expect(found).toMatchObject([{ path: ['url'], message: expect.stringContaining('leave that away') }])
  })
})
