import { z } from 'zod'
import type { AlertJson } from '../alert-json.ts'
import type { Check } from '../check.ts'
import { DeliveryError, type Sink } from '../sink.ts'
import { pagerdutyEvent } from './formats/pagerduty-event.ts'
import {
  answerText,
  httpPeerConfig,
  httpsUnlessAllowed,
  PROBE_MS,
  peerCheck,
  refusal,
  request,
} from './http-peer.ts'

export const pagerdutyConfig = httpPeerConfig
  .extend({
    /** In Europe https://events.eu.pagerduty.com. */
    url: httpPeerConfig.shape.url
      .refine((url) => !url.includes('/v2/'), {
        error: 'must end before /v2/enqueue; leave that away',
      })
      .default('https://events.pagerduty.com'),
    routingKey: z.string().regex(/^[A-Za-z0-9]{32}$/, {
      error: 'must be the 32 letters and digits of an integration of the kind Events API v2',
    }),
  })
  .refine(...httpsUnlessAllowed)

type PagerdutyConfig = z.output<typeof pagerdutyConfig>

/** PagerDuty does not say for how long: it counts by the minute. */
const LIMITED_MS = 30_000

/**
 * Sends each alert as an event: open and changed trigger, acknowledged acknowledges, the others resolve. The drift is
 * the dedup_key, so that a repeat changes nothing. It is accepted when PagerDuty answers 202 `success`. Retryable: no
 * connection, 408, 429, 5xx.
 */
export function pagerdutySink(config: PagerdutyConfig): Sink {
  const enqueue = createEnqueue(config)
  return {
    batchSize: 1,
    parallel: 4,
    async deliver(alerts: readonly AlertJson[], signal: AbortSignal) {
      for (const alert of alerts) await enqueue(pagerdutyEvent(alert), signal)
    },
  }
}

/** Resolves what was never there: PagerDuty judges the key, takes the event and does nothing. */
export function checkPagerduty(config: PagerdutyConfig): Promise<Check[]> {
  return peerCheck(`PagerDuty at ${new URL(config.url).origin}`, async () => {
    try {
      const event = { event_action: 'resolve', dedup_key: 'tfdrift-doctor' }
      await createEnqueue(config)(event, AbortSignal.timeout(PROBE_MS))
      return { ok: true }
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.retryable) throw error
      const fix = "copy the key of the service's integration Events API v2, and url of the account's region"
      return { ok: false, problem: error.message, fix }
    }
  })
}

function createEnqueue({ url: address, routingKey, allowPrivate }: PagerdutyConfig) {
  const url = new URL('v2/enqueue', address.endsWith('/') ? address : `${address}/`)

  return async (event: object, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted()
    const headers = new Headers({ 'content-type': 'application/json' })
    const body = JSON.stringify({ routing_key: routingKey, ...event })
    const answer = await request(url, { headers, body, signal, allowPrivate })
    const text = await answerText(url, answer, signal)
    if (answer.status === 202 && statusIn(text) === 'success') return
    if (answer.ok) {
      const what = `${url.origin} answered ${answer.status} without PagerDuty's success: somebody else answers there`
      throw new DeliveryError(what, { retryable: true })
    }
    const error = refusal(url, answer, meaning(answer.status, text))
    if (answer.status !== 429 || error.retryAfterMs !== null) throw error
    throw new DeliveryError(error.message, { retryable: true, retryAfterMs: LIMITED_MS })
  }
}

function statusIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { status?: unknown } | null)?.status
  } catch {
    return undefined
  }
}

/** Its own text may quote what was sent. */
function meaning(status: number, text: string): string {
  if (status === 429) return 'too many events for this key'
  if (status !== 400) return ''
  return /routing.key/i.test(text)
    ? 'it does not know the routing key; copy it again'
    : 'it does not take this event'
}
