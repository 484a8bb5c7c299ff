import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { z } from 'zod'
import type { AlertJson } from '../alert-json.ts'
import { DeliveryError, type Sink } from '../sink.ts'
import { isPrivateAddress } from './private-address.ts'
import { retryAfterMs } from './retry-after.ts'
import { webhookHeaders, webhookSecret } from './webhook-signature.ts'

export const webhookConfig = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .refine((url) => !URL.canParse(url) || new URL(url).username === '', {
      error: 'must not hold a user name: put credentials into headers, as Authorization',
    }),
  /** One, or several while a secret is being replaced. Without one, nothing is signed. */
  secret: z.union([webhookSecret, z.array(webhookSecret).min(1)]).optional(),
  headers: z
    .record(z.string(), z.string())
    .refine(areHeaders, { error: 'holds a name or value that HTTP does not allow' })
    .optional(),
  /**
   * A host name that resolves to a private, loopback or link-local address is refused unless this is true: names
   * are moved by others. An IP address and localhost are taken as meant. The name is checked before each
   * request; what resolves differently a moment later is not caught.
   */
  allowPrivate: z.boolean().optional(),
})

/** Bytes of an answer that are read so that its connection can be used again. */
const MAX_ANSWER = 64 * 1024

/**
 * POSTs each alert as JSON, signed by Standard Webhooks 1.0.0; webhook-id is ALERT_ID:STATUS on every attempt. Any
 * 2xx accepts. Retryable: no connection, 408, 429, 5xx. Redirects are not followed. Errors name the origin only: a
 * path may hold a secret, and an answer's body may quote ours.
 */
export function webhookSink(config: z.input<typeof webhookConfig>): Sink {
  const url = new URL(config.url)
  const secrets = [config.secret ?? []].flat()

  async function post(alert: AlertJson, signal: AbortSignal): Promise<void> {
    if (!config.allowPrivate) await refusePrivate(url)
    const body = JSON.stringify(alert)
    const headers = new Headers({ 'user-agent': 'tfdrift-streams', ...config.headers })
    headers.set('content-type', 'application/json')
    const signed = webhookHeaders(secrets, `${alert.id}:${alert.status}`, body, Date.now())
    for (const [name, value] of Object.entries(signed)) headers.set(name, value)
    const answer = await send(url, { method: 'POST', headers, body, redirect: 'manual', signal })
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

async function send(url: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request)
  } catch (cause) {
    request.signal?.throwIfAborted()
    throw new DeliveryError(`${url.origin} cannot be reached: ${codeOf(cause)}`, { retryable: true, cause })
  }
}

function refusal({ origin }: URL, { status, headers }: Response): DeliveryError {
  const redirects = status >= 300 && status < 400
  const hint = redirects ? ': redirects are not followed, configure the address that it leads to' : ''
  return new DeliveryError(`${origin} answered ${status}${hint}`, {
    retryable: status === 408 || status === 429 || status >= 500,
    retryAfterMs: retryAfterMs(headers.get('retry-after'), Date.now()),
  })
}

async function refusePrivate({ hostname, origin }: URL): Promise<void> {
  const isLiteral = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
  if (isLiteral || hostname === 'localhost') return
  const found = await lookup(hostname, { all: true }).catch((cause) => {
    throw new DeliveryError(`${origin} cannot be resolved: ${codeOf(cause)}`, { retryable: true, cause })
  })
  const hidden = found.find(({ address }) => isPrivateAddress(address))
  if (!hidden) return
  const fix = 'set allowPrivate: true if that is meant'
  throw new DeliveryError(`${origin} resolves to the private address ${hidden.address}: ${fix}`, {
    retryable: false,
  })
}

async function discardBody(answer: Response): Promise<void> {
  let bytes = 0
  try {
    for await (const chunk of answer.body ?? []) {
      bytes += chunk.length
      if (bytes > MAX_ANSWER) break
    }
  } catch {
    // The answer has been judged by its status; its connection is lost, which the next request will notice.
  }
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } }
  return String(code ?? cause?.code ?? 'no connection')
}

function areHeaders(headers: Record<string, string>): boolean {
  try {
    new Headers(headers)
    return true
  } catch {
    return false
  }
}
