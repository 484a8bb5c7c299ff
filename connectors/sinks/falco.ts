import { hostname } from 'node:os'
import { z } from 'zod'
import type { AlertJson } from '../alert-json.ts'
import type { Check } from '../check.ts'
import type { Sink } from '../sink.ts'
import { FALCO_SOURCE, falcoPayload } from './formats/falco-payload.ts'
import {
  answerText,
  discardBody,
  httpPeerConfig,
  httpsUnlessAllowed,
  PROBE_MS,
  peerCheck,
  refusal,
  request,
} from './http-peer.ts'

export const falcoConfig = httpPeerConfig
  .extend({
    /** For a proxy in front of it that wants one: falcosidekick itself asks for none. */
    token: z
      .string()
      .regex(/^[\x21-\x7e]+$/, { error: 'must be the token alone, without Bearer' })
      .optional(),
  })
  .refine(...httpsUnlessAllowed)

type FalcoConfig = z.input<typeof falcoConfig>

/**
 * Posts each alert to falcosidekick as a finding of Falco, for its outputs to carry on. Any 2xx accepts: it answers
 * before its outputs have sent. It knows no idempotency id, but the finding's uuid is the same in every attempt. A
 * signal that was made of such a finding is not sent once more: it would go in circles. Retryable: no connection, 408,
 * 429 (after Retry-After), 5xx.
 */
export function falcoSink(config: FalcoConfig): Sink {
  const url = new URL(config.url)
  const host = hostname()

  async function post(alert: AlertJson, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (alert.type === 'signal' && alert.sourceEvent.source === FALCO_SOURCE) return
    const body = JSON.stringify(falcoPayload(alert, host))
    const headers = headersOf(config)
    headers.set('content-type', 'application/json')
    const answer = await request(url, { headers, body, signal, allowPrivate: config.allowPrivate })
    // Not awaited: the status is the answer, and a body that never ends must not turn it into a time-out.
    void discardBody(answer)
    if (!answer.ok) throw refusal(url, answer)
  }

  return {
    batchSize: 1,
    parallel: 4,
    async deliver(alerts, signal) {
      for (const alert of alerts) await post(alert, signal)
    },
  }
}

/** Pings it: nothing reaches its outputs. */
export function checkFalco(config: z.output<typeof falcoConfig>): Promise<Check[]> {
  const url = new URL('ping', config.url)
  return peerCheck(`falcosidekick at ${url.origin}`, async () => {
    const signal = AbortSignal.timeout(PROBE_MS)
    const { allowPrivate } = config
    const answer = await request(url, { method: 'GET', headers: headersOf(config), signal, allowPrivate })
    if (answer.ok && (await answerText(url, answer, signal)).trim() === 'pong') return { ok: true }
    const problem = `${url.origin} answered ${answer.status} to /ping, without falcosidekick's pong`
    return { ok: false, problem, fix: "give falcosidekick's own address, such as http://127.0.0.1:2801/" }
  })
}

function headersOf({ token }: FalcoConfig): Headers {
  return new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` })
}
