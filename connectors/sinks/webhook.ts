import { z } from 'zod'
import type { AlertJson } from '../alert-json.ts'
import type { Check } from '../check.ts'
import type { Sink } from '../sink.ts'
import {
  discardBody,
  httpPeerConfig,
  httpsUnlessAllowed,
  PROBE_MS,
  peerCheck,
  refusal,
  request,
} from './http-peer.ts'
import { webhookHeaders, webhookSecret } from './webhook-signature.ts'

export const webhookConfig = httpPeerConfig
  .extend({
    /** One, or several while a secret is being replaced. Without one, nothing is signed. */
    secret: z.union([webhookSecret, z.array(webhookSecret).min(1)]).optional(),
    headers: z
      .record(z.string(), z.string())
      .refine(areHeaders, { error: 'holds a name or value that HTTP does not allow' })
      .optional(),
  })
  .refine(...httpsUnlessAllowed)

/**
 * POSTs each alert as JSON, signed by Standard Webhooks 1.0.0; webhook-id is ALERT_ID:STATUS on every attempt. Any
 * 2xx accepts. Retryable: no connection, 408, 429, 5xx. Redirects are not followed. Errors name the origin only: a
 * path may hold a secret, and an answer's body may quote ours.
 */
export function webhookSink(config: z.input<typeof webhookConfig>): Sink {
  const url = new URL(config.url)
  const secrets = [config.secret ?? []].flat()

  async function post(alert: AlertJson, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify(alert)
    const headers = new Headers(config.headers)
    headers.set('content-type', 'application/json')
    const signed = webhookHeaders(secrets, `${alert.id}:${alert.status}`, body, Date.now())
    for (const [name, value] of Object.entries(signed)) headers.set(name, value)
    const answer = await request(url, { headers, body, signal, allowPrivate: config.allowPrivate })
    // Not awaited: the status is the answer, and a body that never ends must not turn it into a time-out.
    void discardBody(answer)
    if (!answer.ok) throw refusal(url, answer)
  }

  return {
    batchSize: 1,
    parallel: 8,
    async deliver(alerts, signal) {
      for (const alert of alerts) await post(alert, signal)
    },
  }
}

/** Whether anybody answers there; what it says to an alert shows only with the first one. */
export function checkWebhook({
  url: address,
  allowPrivate,
}: z.output<typeof webhookConfig>): Promise<Check[]> {
  const url = new URL(address)
  return peerCheck(`webhook ${url.origin}`, async () => {
    const signal = AbortSignal.timeout(PROBE_MS)
    await discardBody(await request(url, { method: 'HEAD', headers: new Headers(), signal, allowPrivate }))
    return { ok: true }
  })
}

function areHeaders(headers: Record<string, string>): boolean {
  try {
    new Headers(headers)
    return true
  } catch {
    return false
  }
}
