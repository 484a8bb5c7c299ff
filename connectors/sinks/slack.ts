import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { Check } from '../check.ts'
import { DeliveryError, type Sink } from '../sink.ts'
import { slackGroup, slackGroupSize } from './formats/slack-group.ts'
import { slackMessage } from './formats/slack-message.ts'
import {
  answerText,
  httpPeerConfig,
  httpsUnlessAllowed,
  PROBE_MS,
  peerCheck,
  refusal,
  request,
} from './http-peer.ts'

export const slackConfig = httpPeerConfig
  .extend({
    /** The shortest time between two messages. Slack takes one a second for each channel. */
    intervalMs: z.int().min(0).max(60_000).default(1_000),
  })
  .refine(...httpsUnlessAllowed)

/**
 * Posts each alert, or a group of them, to an incoming webhook, as blocks. It is accepted when Slack answers 200 `ok`; anything else with
 * 200 is not Slack's answer, and tried again. Retryable: no connection, 408, 429 (after Retry-After), 5xx. Slack knows
 * no idempotency id: a crash between its answer and our record of it repeats a message, under the same alert id.
 */
export function slackSink(config: z.input<typeof slackConfig>): Sink {
  const url = new URL(config.url)
  const { intervalMs = 1_000, allowPrivate } = config
  let next = 0
  let line: Promise<void> = Promise.resolve()

  /** One after the other, so that each knows when the one before has come. */
  function post(message: object, signal: AbortSignal): Promise<void> {
    const posted = line.then(() => postNow(message, signal))
    line = posted.catch(() => {})
    return posted
  }

  async function postNow(message: object, signal: AbortSignal): Promise<void> {
    await turn(signal)
    const body = JSON.stringify(message)
    const answer = await request(url, { headers: jsonHeaders(), body, signal, allowPrivate })
    // The channel counts from when a message comes, which may be long after it was sent.
    next = performance.now() + intervalMs
    const text = (await answerText(url, answer, signal)).trim()
    if (!answer.ok) throw refusal(url, answer, meaning(text))
    if (text === 'ok') return
    const what = `${url.origin} answered ${answer.status} without Slack's ok: somebody else answers in its place`
    throw new DeliveryError(what, { retryable: true })
  }

  /** Waits until the channel takes another message. */
  async function turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const wait = next - performance.now()
    if (wait > 0) await pause(wait, undefined, { signal }).catch(() => signal.throwIfAborted())
  }

  return {
    batchSize: 1,
    async deliver(alerts, signal) {
      for (const alert of alerts) await post(slackMessage(alert), signal)
    },
    group: { fits: slackGroupSize, deliver: (group, signal) => post(slackGroup(group), signal) },
  }
}

/** Posts an empty message, which Slack refuses as such only where the webhook is right. */
export function checkSlack({ url: address, allowPrivate }: z.output<typeof slackConfig>): Promise<Check[]> {
  const url = new URL(address)
  return peerCheck(`Slack's webhook at ${url.origin}`, async () => {
    const signal = AbortSignal.timeout(PROBE_MS)
    const answer = await request(url, { headers: jsonHeaders(), body: '{}', signal, allowPrivate })
    const text = (await answerText(url, answer, signal)).trim()
    if (answer.status === 400 && refusesEmpty.has(text)) return { ok: true }
    const { message: problem } = refusal(url, answer, meaning(text))
    return { ok: false, problem, fix: 'make an incoming webhook in Slack and configure its URL' }
  })
}

function jsonHeaders(): Headers {
  return new Headers({ 'content-type': 'application/json' })
}

const refusesEmpty = new Set(['no_text', 'invalid_payload', 'missing_text_or_fallback_or_attachments'])

/** Slack's words for what is wrong, with what to do. */
const meanings: Record<string, string> = {
  action_prohibited: 'an administrator has forbidden such posts; ask for leave',
  channel_is_archived: 'the channel is archived; make a webhook for another one',
  channel_not_found: 'the channel is gone; make a webhook for another one',
  invalid_blocks: 'Slack does not take the blocks of this message',
  invalid_payload: 'Slack does not take this message',
  invalid_token: 'the webhook has been revoked; make a new one',
  no_active_hooks: 'the webhook is switched off; make a new one',
  no_service: 'the webhook is removed or switched off; make a new one',
  no_service_id: 'the URL is not whole; copy it again',
  no_team: 'there is no such workspace; copy the URL again',
  no_text: 'the message has no text',
  posting_to_general_channel_denied: 'only administrators may post in this channel; choose another one',
  rollup_error: 'Slack failed to post it',
  team_disabled: 'the workspace is switched off',
  user_not_found: 'the webhook is for a user who is gone; make a new one',
}

/** Only known words are quoted: another answer may hold what we sent. */
function meaning(text: string): string {
  return Object.hasOwn(meanings, text) ? `${text}: ${meanings[text]}` : ''
}
