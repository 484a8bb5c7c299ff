import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertJson } from '../../../connectors/alert-json.ts'
import { DeliveryError } from '../../../connectors/sink.ts'
import { checkDiscord, discordConfig, discordSink } from '../../../connectors/sinks/discord.ts'
import { timeLimit } from '../../../connectors/time-limit.ts'
import type { Alert } from '../../../schemas/types.ts'
import { aDiff, anAlert, anAlertJson, aSignal } from '../an-alert.ts'
import { discordReceiver } from './discord-receiver.ts'

const live = new AbortController().signal
let receiver: Awaited<ReturnType<typeof discordReceiver>>
beforeEach(async () => {
  receiver = await discordReceiver()
})
afterEach(() => receiver.close())

async function limitedTo(limit: number, windowMs: number) {
  await receiver.close()
  receiver = await discordReceiver({ limit, windowMs })
}

const sink = (url = receiver.url) => discordSink(discordConfig.parse({ url }))

async function posted(changes: Partial<Alert> = {}): Promise<string> {
  await sink().deliver([anAlertJson(changes)], live)
  return JSON.stringify(receiver.accepted.at(-1)!.embed)
}

async function refusalOf(one = sink()): Promise<DeliveryError> {
  const error = await one.deliver([anAlertJson()], live).then(
    () => expect.fail('Discord accepted it'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(DeliveryError)
  return error as DeliveryError
}

describe('a message', () => {
  it('says who, what, from what to what, by which rule, and how to set it back', async () => {
    const text = await posted()
    const alert = anAlert()
    for (const part of [
      'aws\\\\_instance.web',
      alert.message.replaceAll('"', '\\"'),
      '`metadata_options[0].http_tokens`: `\\"required\\"` → `\\"optional\\"`',
      alert.actor.name,
      alert.sourceEvent.name,
      `${alert.matchedRules[0]!.id} ${alert.matchedRules[0]!.name}`,
      alert.revertCommand,
      `[Runbook](${alert.runbookUrl})`,
      alert.id,
    ])
      expect(text).toContain(part)
    expect(receiver.complaints).toEqual([])
  })

  it('of a signal has no resource', async () => {
    await sink().deliver([alertJson(aSignal())], live)
    const { title, fields } = receiver.accepted[0]!.embed
    expect(title).toBe('🟡 medium\\: signal\\: Terminal shell in container')
    expect(fields.map(({ name }) => name)).toEqual(['Event', 'Who', 'What', 'When'])
    expect(receiver.complaints).toEqual([])
  })

  it('holds no value of a sensitive diff', async () => {
    const diffs = [aDiff({ oldValue: 'hunter1', newValue: 'hunter2', sensitive: true })]
    const text = await posted({ diffs })
    expect(text).toContain('sensitive')
    expect(text).not.toContain('hunter')
  })

  it.each([
    ['long', 'x'.repeat(9_000)],
    ['all of signs that format', '*_~|[a](https://b.example)<@1>'.repeat(300)],
    ['a mention', '@everyone <@&1> <#2>'],
    ['of backticks', '`'.repeat(5_000)],
    ['of surrogates', '🚧'.repeat(4_000)],
    ['of line breaks and escape sequences', '\n\u001b[31m'.repeat(500)],
  ])('stays within the limits, and inert, where every text is %s', async (_, text) => {
    const alert = anAlert()
    for (const revertCommand of [text, `aws ${'y'.repeat(1_490)}`]) {
      await posted({
        message: text,
        resource: { ...alert.resource!, address: text, id: text, region: text },
        diffs: Array.from({ length: 50 }, () => aDiff({ attribute: text, oldValue: text, newValue: [text] })),
        matchedRules: Array.from({ length: 50 }, () => ({ id: text, name: text, severity: 'high' as const })),
        actor: { ...alert.actor, name: text },
        sourceEvent: { id: text, source: text, name: text, time: alert.sourceEvent.time },
        remediation: [text],
        revertCommand,
        runbookUrl: `https://example.com/${text}`,
      })
    }
    expect(receiver.complaints).toEqual([])
    expect(receiver.accepted).toHaveLength(2)
  })

  it('gives a command whole or not at all', async () => {
    expect(await posted({ revertCommand: `aws ${'x'.repeat(1_500)}` })).toContain('does not fit')
    expect(await posted({ revertCommand: 'echo ```' })).toContain('does not fit')
  })

  it('says how many lines are left out', async () => {
    const diffs = Array.from({ length: 100 }, () => aDiff({ oldValue: 'a'.repeat(99), newValue: 'b' }))
    expect(await posted({ diffs })).toMatch(/… \d+ more lines/)
  })

  it('goes into the thread that the URL names', async () => {
    await sink(`${receiver.url}?thread_id=42`).deliver([anAlertJson()], live)
    expect(receiver.accepted[0]!.search).toBe('?thread_id=42&wait=true')
  })
})

describe('what becomes of an alert', () => {
  it('is edited into its message, and the same again changes nothing', async () => {
    const one = sink()
    for (const status of ['open', 'acknowledged', 'resolved', 'resolved'] as const)
      await one.deliver([anAlertJson({ status })], live)
    expect(receiver.accepted.map(({ edit }) => edit)).toEqual([false, true, true, true])
    const [message, ...others] = receiver.messages.values()
    expect(others).toEqual([])
    expect(message).toMatchObject({ title: expect.stringMatching(/^✅/), color: 0x2ecc71 })
  })

  it('is a message of its own where the first is not remembered, or was deleted', async () => {
    await sink().deliver([anAlertJson()], live)
    const one = sink()
    await one.deliver([anAlertJson({ status: 'acknowledged' })], live)
    receiver.messages.clear()
    await one.deliver([anAlertJson({ status: 'resolved' })], live)
    expect(receiver.accepted.map(({ edit }) => edit)).toEqual([false, false, false])
  })
})

describe("Discord's limit", () => {
  it('is kept, with the last place left to what is critical', async () => {
    await limitedTo(3, 60_000)
    const one = sink()
    const medium = (id: string) => one.deliver([anAlertJson({ id, severity: 'medium' })], live)
    for (const id of ['a', 'b']) await medium(id)
    await expect(medium('c')).rejects.toMatchObject({
      retryable: true,
      message: expect.stringMatching(/next message in \d+ s$/),
    })
    await one.deliver([anAlertJson({ id: 'd', severity: 'critical' })], live)
    await expect(medium('e')).rejects.toMatchObject({ retryAfterMs: expect.closeTo(60_000, -5) })
    expect(receiver.requests()).toBe(3)
    expect(receiver.limited()).toBe(0)
  })

  it('is waited for where it is short', async () => {
    await limitedTo(1, 100)
    const one = sink()
    for (const id of ['a', 'b', 'c']) await one.deliver([anAlertJson({ id })], live)
    expect(receiver.accepted).toHaveLength(3)
    expect(receiver.limited()).toBe(0)
  })

  it('that it has met is obeyed to the fraction of a second, before anything else is sent', async () => {
    const body = JSON.stringify({ message: 'no', retry_after: 0.2501, global: false })
    receiver.answer((response) => response.writeHead(429, { 'retry-after': '1' }).end(body))
    const one = sink()
    expect(await refusalOf(one)).toMatchObject({ retryable: true, retryAfterMs: 251 })
    receiver.answer(null)
    const early = timeLimit(50, live, (signal) => one.deliver([anAlertJson()], signal))
    await expect(early).rejects.toMatchObject({ message: 'no answer within 50 ms' })
    expect(receiver.requests()).toBe(1)
  })

  it('of what stands before Discord is obeyed, too', async () => {
    receiver.answer((response) => response.writeHead(429, { 'retry-after': '30' }).end('<html>'))
    expect(await refusalOf()).toMatchObject({ retryable: true, retryAfterMs: 30_000 })
  })
})

describe("Discord's answer", () => {
  it('that the webhook is gone is final, and it is not asked again', async () => {
    const one = sink(`${receiver.origin}/api/webhooks/1/other`)
    const error = await refusalOf(one)
    expect(error.retryable).toBe(false)
    expect(error.message).toBe(`${receiver.origin} answered 404: the webhook is gone; make a new one`)
    expect(await refusalOf(one)).toBe(error)
    expect(receiver.requests()).toBe(1)
  })

  it.each([
    [400, 50035, false],
    [400, 220001, false],
    [401, 50027, false],
    [500, 0, true],
    [502, 0, true],
  ])('of %i with code %i is retryable or not, and not quoted', async (status, code, retryable) => {
    receiver.answer((response) =>
      response.writeHead(status).end(JSON.stringify({ code, message: 'hunter2' })),
    )
    const error = await refusalOf()
    expect(error).toMatchObject({ retryable, message: expect.stringContaining(`answered ${status}`) })
    expect(error.message).not.toMatch(/hunter2|SECRET/)
  })

  it('of 200 without the message is not taken for an acceptance', async () => {
    receiver.answer((response) => response.writeHead(200).end('<html>please log in</html>'))
    expect(await refusalOf()).toMatchObject({ retryable: true })
  })
})

describe('the check', () => {
  const check = (url: string) => checkDiscord(discordConfig.parse({ url }))

  it('reads the webhook, and posts nothing', async () => {
    expect(await check(receiver.url)).toMatchObject([{ ok: true }])
    expect(receiver.accepted).toEqual([])
  })

  it('says so where it is gone, without its URL', async () => {
    const [found] = await check(`${receiver.origin}/api/webhooks/1/other`)
    expect(found).toMatchObject({ ok: false, problem: expect.stringContaining('gone') })
    expect(JSON.stringify(found)).not.toContain('/other')
  })
})

it('refuses the addresses that speak as Slack or GitHub', () => {
  const url = 'https://discord.com/api/webhooks/1/x/slack?wait=true'
  expect(discordConfig.safeParse({ url }).error?.issues).toMatchObject([{ path: ['url'] }])
})
