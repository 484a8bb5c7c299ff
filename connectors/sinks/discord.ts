import { setTimeout as pause } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { z } from 'zod'
import type { AlertJson } from '../alert-json.ts'
import type { Check } from '../check.ts'
import { DeliveryError, type Sink } from '../sink.ts'
import { discordGroup, discordGroupSize } from './formats/discord-group.ts'
import { discordMessage } from './formats/discord-message.ts'
import {
  answerText,
  httpPeerConfig,
  httpsUnlessAllowed,
  PROBE_MS,
  peerCheck,
  refusal,
  request,
} from './http-peer.ts'

export const discordConfig = httpPeerConfig
  .extend({
    url: httpPeerConfig.shape.url.refine((url) => !/\/(slack|github)\/?(\?|$)/.test(url), {
      error: 'must be the webhook itself, without /slack or /github',
    }),
  })
  .refine(...httpsUnlessAllowed)

type DiscordConfig = z.output<typeof discordConfig>

/** How many messages are remembered, to be edited when their alert goes on. */
const REMEMBERED = 10_000
/** What is longer is left to the runner, or it would use up the time of the attempt. */
const LONGEST_WAIT_MS = 5_000
const UNKNOWN_MESSAGE = 10008

/**
 * Posts each alert, or a group of them, to a webhook, as an embed. What becomes of an alert later is edited into its message, as long as this
 * process remembers it, which can be repeated; else it is a message of its own. It is accepted when Discord answers with
 * the message. Keeps within the limit that Discord tells with each answer, and leaves the last place for what is
 * critical. Retryable: no connection, 408, 429 (after retry_after), 5xx. A webhook that is gone is not asked again:
 * Discord bans who goes on.
 */
export function discordSink({ url: address, allowPrivate }: DiscordConfig): Sink {
  const url = new URL(address)
  url.searchParams.set('wait', 'true')
  const messages = new LRUCache<string, string>({ max: REMEMBERED })
  let bucket = { remaining: Number.POSITIVE_INFINITY, resetAt: 0 }
  let gone: DeliveryError | null = null

  async function announce(alert: AlertJson, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify(discordMessage(alert))
    const known = messages.get(alert.id)
    if (known !== undefined) {
      await turn(alert.severity, signal)
      if (await send('PATCH', messageUrl(url, known), body, signal)) return
      messages.delete(alert.id)
    }
    await turn(alert.severity, signal)
    const id = await send('POST', url, body, signal)
    if (id !== null) messages.set(alert.id, id)
  }

  /** The message's id; null where there is no such message to be edited. */
  async function send(
    method: 'POST' | 'PATCH',
    to: URL,
    body: string,
    signal: AbortSignal,
  ): Promise<string | null> {
    const headers = new Headers({ 'content-type': 'application/json' })
    const answer = await request(to, { method, headers, body, signal, allowPrivate })
    const content = objectIn(await answerText(url, answer, signal))
    bucket = bucketOf(answer.headers, bucket)
    if (answer.ok && typeof content.id === 'string') return content.id
    if (answer.ok) {
      const what = `${url.origin} answered ${answer.status} without the message: somebody else answers there`
      throw new DeliveryError(what, { retryable: true })
    }
    if (method === 'PATCH' && content.code === UNKNOWN_MESSAGE) return null
    const error = failure(url, answer, content)
    if (answer.status === 429) {
      bucket = { remaining: 0, resetAt: performance.now() + (error.retryAfterMs ?? 0) }
    }
    if (isGone(content)) gone = error
    throw error
  }

  async function turn(severity: AlertJson['severity'], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const reserve = severity === 'critical' ? 0 : 1
    const wait = bucket.resetAt - performance.now()
    if (bucket.remaining > reserve || wait <= 0) return
    if (wait > LONGEST_WAIT_MS) {
      const what = `${url.origin} takes the next message in ${Math.ceil(wait / 1_000)} s`
      throw new DeliveryError(what, { retryable: true, retryAfterMs: Math.ceil(wait) })
    }
    await pause(Math.ceil(wait), undefined, { signal }).catch(() => signal.throwIfAborted())
  }

  return {
    batchSize: 1,
    async deliver(alerts, signal) {
      for (const alert of alerts) {
        signal.throwIfAborted()
        if (gone) throw gone
        await announce(alert, signal)
      }
    },
    group: {
      fits: discordGroupSize,
      async deliver(group, signal) {
        if (gone) throw gone
        await turn('medium', signal)
        await send('POST', url, JSON.stringify(discordGroup(group)), signal)
      },
    },
  }
}

/** Reads the webhook; posts nothing. */
export function checkDiscord({ url: address, allowPrivate }: DiscordConfig): Promise<Check[]> {
  const url = new URL(address)
  return peerCheck(`Discord's webhook at ${url.origin}`, async () => {
    const signal = AbortSignal.timeout(PROBE_MS)
    const answer = await request(url, { method: 'GET', headers: new Headers(), signal, allowPrivate })
    const content = objectIn(await answerText(url, answer, signal))
    if (answer.ok && typeof content.id === 'string') return { ok: true }
    const fix = 'make a webhook in the settings of the channel and configure its URL'
    return { ok: false, problem: failure(url, answer, content).message, fix }
  })
}

function messageUrl(url: URL, id: string): URL {
  const result = new URL(url)
  result.pathname = `${url.pathname.replace(/\/$/, '')}/messages/${encodeURIComponent(id)}`
  result.searchParams.delete('wait')
  return result
}

/** Remaining calls, and when there are more. Without these headers nothing is known: 429 tells. */
function bucketOf(headers: Headers, before: { remaining: number; resetAt: number }): typeof before {
  const remaining = Number(headers.get('x-ratelimit-remaining') ?? Number.NaN)
  const resetAfter = Number(headers.get('x-ratelimit-reset-after') ?? Number.NaN)
  if (Number.isNaN(remaining) || Number.isNaN(resetAfter)) return before
  return { remaining, resetAt: performance.now() + resetAfter * 1_000 }
}

/** Discord tells the wait in the body, in seconds with a fraction; the header is for what stands before it. */
function failure(
  url: URL,
  answer: Response,
  { code, retry_after: seconds }: Record<string, unknown>,
): DeliveryError {
  const error = refusal(url, answer, meanings[String(code)] ?? '')
  if (answer.status !== 429 || typeof seconds !== 'number') return error
  return new DeliveryError(error.message, { retryable: true, retryAfterMs: Math.ceil(seconds * 1_000) })
}

function isGone({ code }: Record<string, unknown>): boolean {
  return code === 10015 || code === 50027
}

/** Discord's codes, with what to do. Its own text may quote what was sent. */
const meanings: Record<string, string> = {
  10003: 'the channel is gone; make a webhook for another one',
  10015: 'the webhook is gone; make a new one',
  20029: 'too many messages for this channel',
  50006: 'the message is empty',
  50027: "the webhook's token is wrong; copy the URL again",
  50035: 'Discord does not take this message',
  50083: 'the thread is archived; name another one',
  220001: 'a forum wants a thread; add ?thread_id=ID to the URL',
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
