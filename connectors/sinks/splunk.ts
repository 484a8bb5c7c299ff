import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { AlertJson } from '../alert-json.ts'
import type { Check } from '../check.ts'
import { DeliveryError, type Sink } from '../sink.ts'
import { ocsf } from './formats/ocsf.ts'
import {
  answerText,
  httpPeerConfig,
  httpsUnlessAllowed,
  PROBE_MS,
  peerCheck,
  refusal,
  request,
} from './http-peer.ts'
import { type HecAnswer, hecAnswer, hecMeaning } from './splunk-answer.ts'

export const splunkConfig = httpPeerConfig
  .extend({
    /** Of the collector, such as https://splunk.example.com:8088. */
    url: httpPeerConfig.shape.url.refine((url) => !url.includes('/services/'), {
      error: 'must end before /services/collector; leave that away',
    }),
    token: z.string().regex(/^[\x21-\x7e]+$/, { error: 'must be the token alone; copy it from Splunk' }),
    /** Left out: the token's own. */
    index: z.string().min(1).optional(),
    sourcetype: z.string().min(1).default('tfdrift:alert'),
    /** json: the alert itself. ocsf: a Detection Finding. */
    format: z.enum(['json', 'ocsf']).default('json'),
  })
  .refine(...httpsUnlessAllowed)

type SplunkConfig = z.input<typeof splunkConfig>

const ACK_EVERY_MS = { first: 100, most: 2_000 }

/**
 * Sends alerts to the HTTP Event Collector, a batch a request. Where its token has indexer acknowledgement, delivered
 * means that the indexers hold them: it asks until they say so or its time is up, which is retryable. A batch that is
 * tried again is first asked after, so that it is not sent twice for slow indexers. Retryable: no connection, 408,
 * 429, 5xx.
 */
export function splunkSink(config: SplunkConfig): Sink {
  const collector = createCollector(config)
  /** What has been sent and was not acknowledged in time. */
  let unacknowledged: { batch: string; ackId: number } | null = null

  async function deliver(alerts: readonly AlertJson[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const batch = alerts.map(({ id, status }) => `${id}:${status}`).join()
    if (unacknowledged?.batch === batch && (await collector.isAcknowledged(unacknowledged.ackId, signal)))
      return
    const { ackId } = await collector.send(alerts.map((alert) => eventOf(alert, config)).join(''), signal)
    if (ackId === null) return
    unacknowledged = { batch, ackId }
    for (let wait = ACK_EVERY_MS.first; !(await collector.isAcknowledged(ackId, signal)); wait *= 2) {
      await pause(Math.min(wait, ACK_EVERY_MS.most), undefined, { signal }).catch(() =>
        signal.throwIfAborted(),
      )
    }
    unacknowledged = null
  }

  return { batchSize: 100, deliver }
}

/** Sends nothing: the collector judges the token before it complains. */
export function checkSplunk(config: z.output<typeof splunkConfig>): Promise<Check[]> {
  const collector = createCollector(config)
  return peerCheck(`Splunk's collector at ${new URL(config.url).origin}`, async () => {
    const { status, code } = await collector.probe(AbortSignal.timeout(PROBE_MS))
    if (code === NO_DATA) return { ok: true }
    const problem = `it answered ${status}${code === null ? '' : `: ${hecMeaning(code)}`}`
    return { ok: false, problem, fix: 'correct url and token; the token must be enabled in Splunk' }
  })
}

const NO_DATA = 5

function createCollector({ url: address, token, allowPrivate }: SplunkConfig) {
  const base = new URL(address.endsWith('/') ? address : `${address}/`)
  /** Acknowledgements are counted by channel; one is this process's own. */
  const channel = randomUUID()

  async function post(path: string, body: string, signal: AbortSignal) {
    const headers = new Headers({
      'content-type': 'application/json',
      authorization: `Splunk ${token}`,
      'x-splunk-request-channel': channel,
    })
    const answer = await request(new URL(path, base), { headers, body, signal, allowPrivate })
    return { answer, content: hecAnswer(await answerText(base, answer, signal)) }
  }

  return {
    async send(body: string, signal: AbortSignal): Promise<HecAnswer> {
      const { answer, content } = await post('services/collector/event', body, signal)
      if (!answer.ok) throw refusal(base, answer, content.code === null ? '' : hecMeaning(content.code))
      if (content.code === 0) return content
      const what = `${base.origin} answered ${answer.status} without Splunk's Success: somebody else answers there`
      throw new DeliveryError(what, { retryable: true })
    },

    async isAcknowledged(ackId: number, signal: AbortSignal): Promise<boolean> {
      const { answer, content } = await post(
        'services/collector/ack',
        JSON.stringify({ acks: [ackId] }),
        signal,
      )
      if (!answer.ok) throw refusal(base, answer, content.code === null ? '' : hecMeaning(content.code))
      return content.acks[ackId] === true
    },

    async probe(signal: AbortSignal): Promise<{ status: number; code: number | null }> {
      const { answer, content } = await post('services/collector/event', '', signal)
      return { status: answer.status, code: content.code }
    },
  }
}

/** Events follow one another without anything between them. The time is epoch seconds. */
function eventOf(alert: AlertJson, { index, format, sourcetype = 'tfdrift:alert' }: SplunkConfig): string {
  const event = format === 'ocsf' ? JSON.parse(ocsf([alert])) : alert
  return JSON.stringify({
    time: Date.parse(alert.detectedAt) / 1000,
    host: hostname(),
    source: 'tfdrift',
    sourcetype,
    ...(index !== undefined && { index }),
    event,
  })
}
