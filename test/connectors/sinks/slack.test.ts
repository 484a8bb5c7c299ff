import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertJson } from '../../../connectors/alert-json.ts'
import { DeliveryError } from '../../../connectors/sink.ts'
import { slackMessage } from '../../../connectors/sinks/formats/slack-message.ts'
import { checkSlack, slackConfig, slackSink } from '../../../connectors/sinks/slack.ts'
import type { Alert } from '../../../schemas/types.ts'
import { aDiff, anAlert, anAlertJson, aSignal } from '../an-alert.ts'
import { slackReceiver } from './slack-receiver.ts'

const live = new AbortController().signal
let receiver: Awaited<ReturnType<typeof slackReceiver>>
beforeEach(async () => {
  receiver = await slackReceiver()
})
afterEach(() => receiver.close())

async function posted(changes: Partial<Alert> = {}): Promise<string> {
  await slackSink({ url: receiver.url, intervalMs: 0 }).deliver([anAlertJson(changes)], live)
  return receiver.accepted
    .at(-1)!
    .blocks.map((block) => JSON.stringify(block))
    .join('\n')
}

async function refusalOf(url = receiver.url): Promise<DeliveryError> {
  const error = await slackSink({ url, intervalMs: 0 })
    .deliver([anAlertJson()], live)
    .then(
      () => expect.fail('Slack accepted it'),
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
      JSON.stringify(alert.resource!.address!).slice(1, -1),
      'metadata_options[0].http_tokens`: `\\"required\\"` → `\\"optional\\"`',
      alert.actor.name,
      alert.sourceEvent.name,
      alert.sourceEvent.time,
      `${alert.matchedRules[0]!.id} ${alert.matchedRules[0]!.name}`,
      `\`\`\`\\n${alert.revertCommand}\\n\`\`\``,
      `<${alert.runbookUrl}|Runbook>`,
      alert.id,
    ]) {
      expect(text).toContain(part)
    }
    expect(receiver.accepted[0]!.text).toContain(alert.message)
    expect(text).toMatch(/cloudtrailv2\/home\?region=eu-west-1#\/events\//)
  })

  it('of a signal names its rule, says what Falco says, and has no resource', async () => {
    await slackSink({ url: receiver.url, intervalMs: 0 }).deliver([alertJson(aSignal())], live)
    const [header, message, ...others] = receiver.accepted[0]!.blocks
    expect(header!.text!.text).toBe('🟡 medium: signal: Terminal shell in container')
    expect(message!.text!.text).toBe(aSignal().message)
    expect(JSON.stringify(others)).not.toMatch(/\*(Resource|State|Revert)\*/)
    expect(receiver.complaints).toEqual([])
  })

  it('holds no value of a sensitive diff', async () => {
    const text = await posted({
      diffs: [aDiff({ oldValue: 'hunter1', newValue: 'hunter2', sensitive: true })],
    })
    expect(text).toContain('sensitive')
    expect(text).not.toContain('hunter')
  })

  it.each([
    ['long', 'x'.repeat(9_000)],
    ['all of signs that are escaped', '<&>'.repeat(3_000)],
    ['a mention', '<!channel> <@U1> @here'],
    ['of backticks', '`'.repeat(5_000)],
    ['of surrogates', '🚧'.repeat(4_000)],
    ['of line breaks and escape sequences', '\n\u001b[31m'.repeat(500)],
  ])('stays within the limits, and inert, where every text is %s', async (_, text) => {
    const alert = anAlert()
    await posted({
      message: text,
      resource: { ...alert.resource!, address: text, id: text, alsoManagedBy: [text] },
      diffs: Array.from({ length: 200 }, () =>
        aDiff({ attribute: text, oldValue: text, newValue: [text, text] }),
      ),
      matchedRules: Array.from({ length: 50 }, () => ({ id: text, name: text, severity: 'high' as const })),
      actor: { ...alert.actor, name: text },
      sourceEvent: { id: text, source: text, name: text, time: alert.sourceEvent.time },
      remediation: [text],
      revertCommand: text,
      runbookUrl: `https://example.com/${text}`,
    })
    expect(receiver.complaints).toEqual([])
  })

  it('gives a command whole or not at all', async () => {
    expect(await posted({ revertCommand: `aws ec2 ${'x'.repeat(3_000)}` })).toContain('does not fit')
    expect(await posted({ revertCommand: 'echo ```' })).toContain('does not fit')
    const command = `a && b <c >d ${'y'.repeat(2_800)}`
    const shown = slackMessage(anAlertJson({ revertCommand: command })).blocks.find((block) =>
      block.text?.text.startsWith('*Revert*'),
    )!
    expect(shown.text!.text).toContain(
      command.replace('&&', '&amp;&amp;').replace('<', '&lt;').replace('>', '&gt;'),
    )
  })

  it('says how many lines are left out', async () => {
    const diffs = Array.from({ length: 200 }, () =>
      aDiff({ oldValue: 'a'.repeat(150), newValue: 'b'.repeat(150) }),
    )
    expect(await posted({ diffs })).toMatch(/… \d+ more lines/)
  })

  it('shows the elements that went and came, one a line', async () => {
    const text = await posted({
      diffs: [aDiff({ attribute: 'cidrs', oldValue: ['10.0.0.0/8'], newValue: ['0.0.0.0/0'] })],
    })
    expect(text).toContain('`cidrs` − `\\"10.0.0.0/8\\"`\\n`cidrs` + `\\"0.0.0.0/0\\"`')
  })

  it('does not link to a place that is none', async () => {
    expect(await posted({ runbookUrl: 'javascript:alert(1)' })).not.toContain('Runbook')
    expect(await posted({ runbookUrl: 'https://a.example/<x>|y' })).not.toContain('Runbook')
  })
})

describe("Slack's answer", () => {
  it.each([
    [400, 'invalid_payload', false],
    [403, 'invalid_token', false],
    [404, 'no_service', false],
    [410, 'channel_is_archived', false],
    [500, 'rollup_error', true],
  ])('of %i %s is named, and retryable or not', async (status, word, retryable) => {
    receiver.answer((response) => response.writeHead(status).end(word))
    const error = await refusalOf()
    expect(error.retryable).toBe(retryable)
    expect(error.message).toContain(`answered ${status}: ${word}: `)
  })

  it('of 429 is obeyed', async () => {
    receiver.answer((response) => response.writeHead(429, { 'retry-after': '30' }).end())
    expect(await refusalOf()).toMatchObject({ retryable: true, retryAfterMs: 30_000 })
  })

  it('of 200 without ok is not taken for an acceptance', async () => {
    receiver.answer((response) => response.writeHead(200).end('<html>please log in</html>'))
    const error = await refusalOf()
    expect(error.retryable).toBe(true)
    expect(error.message).not.toContain('html')
  })

  it('is quoted only where its words are known, and the path of the URL never', async () => {
    receiver.answer((response) => response.writeHead(400).end('you sent hunter2'))
    expect((await refusalOf()).message).toBe(`${receiver.origin} answered 400`)
  })
})

it('waits between two messages as long as is configured', async () => {
  const limited = await slackReceiver({ minIntervalMs: 40 })
  try {
    const sink = slackSink({ url: limited.url, intervalMs: 60 })
    await sink.deliver([anAlertJson(), anAlertJson({ status: 'changed' })], live)
    await sink.deliver([anAlertJson({ status: 'resolved' })], live)
    expect(limited.accepted).toHaveLength(3)
  } finally {
    await limited.close()
  }
})

it('waits a second unless told otherwise', () => {
  expect(slackConfig.parse({ url: 'https://hooks.slack.com/services/T/B/x' }).intervalMs).toBe(1_000)
})

describe('the check', () => {
  const check = (url: string) => checkSlack(slackConfig.parse({ url }))

  it('is fine where Slack complains of nothing but the empty message, and posts none', async () => {
    expect(await check(receiver.url)).toMatchObject([{ ok: true }])
    expect(receiver.accepted).toEqual([])
  })

  it('names what is wrong with the webhook', async () => {
    const [found] = await check(`${receiver.origin}/services/T/B/other`)
    expect(found).toMatchObject({ ok: false, problem: expect.stringContaining('no_service') })
    expect(JSON.stringify(found)).not.toContain('/other')
  })

  it('says so where nobody is there', async () => {
    const { url } = receiver
    await receiver.close()
    expect(await check(url)).toMatchObject([{ ok: false, problem: expect.stringContaining('ECONNREFUSED') }])
    receiver = await slackReceiver()
  })
})
