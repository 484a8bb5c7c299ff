/** A message of Pub/Sub, leased for a while. */
export interface PulledMessage {
  ackId: string
  id: string
  /** In base64; empty where the message has only attributes. */
  data: string
  /** How often it has been delivered, as far as that is counted. */
  attempt: number
}

/** A subscription of Pub/Sub. Everything rejects with the client's error. */
export interface Subscription {
  /** Rejects if it is not there or may not be read. */
  look(): Promise<void>
  /** Waits a while for messages; up to 500 at once. */
  pull(signal: AbortSignal): Promise<PulledMessage[]>
  /** Leases them for so long from now; 0 gives them back. */
  lease(messages: readonly PulledMessage[], seconds: number): Promise<void>
  acknowledge(messages: readonly PulledMessage[]): Promise<void>
}

/** What sends requests with somebody's credentials: a client of google-auth-library is one. */
export interface GoogleClient {
  request<T>(options: {
    url: string
    method: 'GET' | 'POST'
    data?: object
    signal?: AbortSignal
    timeout: number
    retry: boolean
  }): Promise<{ data: T }>
}

export interface SubscriptionOptions {
  /** projects/PROJECT/subscriptions/NAME */
  subscription: string
  /** By plain http no credentials are sent: then it is an emulator. */
  endpoint?: string | undefined
  /** Left out: the credentials of the environment. */
  client?: GoogleClient
}

const ENDPOINT = 'https://pubsub.googleapis.com'
const SCOPE = 'https://www.googleapis.com/auth/pubsub'
const PERMISSION = 'pubsub.subscriptions.consume'
const MOST_AT_ONCE = 500
/** A pull without messages is answered after at most a minute and a half. */
const PULL_MS = 120_000
const CALL_MS = 30_000

/** By REST: https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions */
export async function openSubscription({
  subscription,
  endpoint = ENDPOINT,
  client,
}: SubscriptionOptions): Promise<Subscription> {
  const isEmulator = endpoint.startsWith('http:') && !client
  const caller = client ?? (isEmulator ? await anonymous() : await ownCredentials())
  const url = `${endpoint.replace(/\/$/, '')}/v1/${subscription}`

  async function call<T>(verb: string, data: object, timeout = CALL_MS, signal?: AbortSignal): Promise<T> {
    const options = { url: `${url}:${verb}`, method: 'POST' as const, data, timeout, retry: false }
    return (await caller.request<T>({ ...options, ...(signal && { signal }) })).data
  }

  return {
    async look() {
      // Emulators know no permissions.
      if (isEmulator) {
        await caller.request({ url, method: 'GET', timeout: CALL_MS, retry: false })
        return
      }
      const { permissions = [] } = await call<{ permissions?: string[] }>('testIamPermissions', {
        permissions: [PERMISSION],
      })
      if (!permissions.includes(PERMISSION))
        throw Object.assign(new Error('no permission'), { name: PERMISSION, status: 403 })
    },
    async pull(signal) {
      type Answer = { receivedMessages?: Received[] }
      const { receivedMessages = [] } = await call<Answer>(
        'pull',
        { maxMessages: MOST_AT_ONCE },
        PULL_MS,
        signal,
      )
      return receivedMessages.map(({ ackId, message, deliveryAttempt = 1 }) => ({
        ackId,
        id: message.messageId,
        data: message.data ?? '',
        attempt: deliveryAttempt,
      }))
    },
    async lease(messages, ackDeadlineSeconds) {
      await call('modifyAckDeadline', { ackIds: messages.map(({ ackId }) => ackId), ackDeadlineSeconds })
    },
    async acknowledge(messages) {
      await call('acknowledge', { ackIds: messages.map(({ ackId }) => ackId) })
    },
  }
}

interface Received {
  ackId: string
  message: { messageId: string; data?: string }
  deliveryAttempt?: number
}

async function anonymous(): Promise<GoogleClient> {
  const { PassThroughClient } = await import('google-auth-library')
  return new PassThroughClient()
}

async function ownCredentials(): Promise<GoogleClient> {
  const { GoogleAuth } = await import('google-auth-library')
  const auth = new GoogleAuth({ scopes: [SCOPE] })
  // As Google's own clients of Pub/Sub do: a service account's key signs its tokens itself.
  ;(auth as { useJWTAccessWithScope?: boolean }).useJWTAccessWithScope = true
  return auth as GoogleClient
}
