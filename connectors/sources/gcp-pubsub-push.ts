import type { IncomingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { type Answer, type ReceivedRequest, type Receiver, startReceiver } from '../http-receiver.ts'
import { isObject, parseJson } from '../json.ts'
import { receiverSettings } from '../receiver-settings.ts'
import type { Source, SourceContext } from '../source.ts'
import { messageReadings } from './gcp/message-readings.ts'
import { type PushTokenVerifier, pushTokenVerifier } from './gcp/push-token.ts'
import { handOverReadings } from './hand-over-readings.ts'
import { type EventReading, readEvents } from './read-events.ts'

const KIND = 'gcp-pubsub-push'
/** A message has up to 10 MB, which are more in base64. */
const MAX_BYTES = 15_000_000

const { token: _, ...settings } = receiverSettings

export const gcpPubsubPushConfig = z.strictObject({
  ...settings,
  /** As the subscription says it; left out there, it is the URL that it pushes to. */
  audience: z.string().min(1),
  /** The e-mail address of the service account that the subscription pushes as. */
  serviceAccount: z.email(),
  /** Of Google's certificates, where this machine cannot reach Google. */
  certsUrl: z.url().optional(),
})

export type GcpPubsubPushConfig = z.output<typeof gcpPubsubPushConfig>

/** What is wrong is told once in this time, whoever knocks how often. */
const TOLD_MS = 600_000

/**
 * Takes the entries of audit logs that a subscription of Pub/Sub pushes. Answers 204 after the log holds the message,
 * which acknowledges it, and 503 while it takes none: then it comes again. So a message that cannot be read becomes a
 * dead letter, and is acknowledged.
 */
export function gcpPubsubPush(config: GcpPubsubPushConfig, { hashKey }: { hashKey: Buffer }): Source {
  const { audience, serviceAccount, certsUrl, ...listening } = config
  const told = new LRUCache<string, true>({ max: 10, ttl: TOLD_MS })
  let receiver: Receiver | undefined

  function tell({ log }: SourceContext, error: string, message: string): void {
    if (!told.has(error)) log.error({ source: KIND, error }, message)
    told.set(error, true, { noUpdateTTL: true })
  }

  async function isFromGoogle(
    { authorization }: IncomingHttpHeaders,
    verify: PushTokenVerifier,
    context: SourceContext,
  ): Promise<boolean> {
    const fault = await verify(authorization)
    if (fault) tell(context, `the token is ${fault}`, 'a push was refused')
    return fault === null
  }

  async function take(request: ReceivedRequest, context: SourceContext): Promise<Answer> {
    await handOverReadings(context, await readingsOf(request, hashKey))
    return { status: 204 }
  }

  return {
    async start(context) {
      const verifier = await pushTokenVerifier({ audience, serviceAccount, certsUrl })
      const orTell = async <T>(work: Promise<T>): Promise<T> => {
        return await work.catch((error: Error) => {
          tell(context, error.message, 'answering 503')
          throw error
        })
      }
      receiver = await startReceiver({
        name: KIND,
        ...listening,
        maxBytes: MAX_BYTES,
        verify: (headers) => orTell(isFromGoogle(headers, verifier, context)),
        routes: [
          { method: 'POST', path: '/', handle: (request) => orTell(take(request, context)) },
          {
            method: 'GET',
            path: '/healthz',
            open: true,
            handle: async () => ({ status: 200, body: { status: 'ok' } }),
          },
        ],
      })
    },
    async stop() {
      await receiver?.close()
      receiver = undefined
    },
    healthy: () => receiver !== undefined,
  }
}

/** Of a message in Pub/Sub's wrapper, or of one that is the body itself (payload unwrapping). */
async function readingsOf(
  { headers, body }: ReceivedRequest,
  hashKey: Buffer,
): Promise<Iterable<EventReading>> {
  const wrapped = wrappedIn(body)
  if (wrapped) {
    const { subscription, message } = wrapped
    return await messageReadings(message.data ?? '', `${subscription}#${message.messageId}`, hashKey)
  }
  const id = headers['x-goog-pubsub-message-id']
  const origin = id === undefined ? KIND : `${headers['x-goog-pubsub-subscription-name'] ?? KIND}#${id}`
  if (body.length === 0) return await messageReadings('', origin, hashKey)
  return await readEvents(body, { origin, receivedAt: Date.now(), hashKey })
}

interface Wrapped {
  subscription: string
  message: { messageId: string; data?: string }
}

function wrappedIn(body: Buffer): Wrapped | null {
  try {
    const value = parseJson(body.toString())
    if (!isObject(value) || typeof value.subscription !== 'string' || !isObject(value.message)) return null
    const { messageId, data } = value.message
    const isMessage = typeof messageId === 'string' && (data === undefined || typeof data === 'string')
    return isMessage ? (value as unknown as Wrapped) : null
  } catch {
    return null
  }
}
