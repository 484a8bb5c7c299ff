import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'

type Json = Record<string, unknown>

interface Held {
  id: string
  data: string
  publishTime: string
  attributes: Record<string, string>
  deliveries: number
  ackId: string | null
  visibleAt: number
}

export interface FakePubsubOptions {
  /** What the bearer of a token may do. Left out: as an emulator, it asks for no token. */
  authorize?: (token: string) => 'subscriber' | 'stranger' | 'unknown'
  /** How long a pull waits for messages. */
  waitMs?: number
  /** Leases that are made shorter than this are over at once: a wait of seconds would be one of the tests. */
  hastyBelowSeconds?: number
  /** PEM files. */
  tls?: { cert: string; key: string }
}

class Refused extends Error {
  readonly code: number
  readonly status: string
  constructor(code: number, status: string, message: string) {
    super(message)
    this.code = code
    this.status = status
  }
}

const MAX_ACK_BYTES = 524_288

/**
 * One subscription, by REST as Pub/Sub serves it. Refuses what Pub/Sub refuses: a missing or unknown token (401), one
 * without the role (403), names that are not there (404), bodies with other fields or values than documented, ackIds
 * that it has not given out (400). What is not acknowledged in time is delivered again under another ackId; a late
 * acknowledgement succeeds, and does nothing.
 */
export class FakePubsub {
  readonly subscription: string
  exists = true
  /** Verbs of the calls that succeeded, with how many messages they were about. */
  readonly calls: string[] = []
  lateAcknowledgements = 0
  #messages: Held[] = []
  readonly #givenOut = new Set<string>()
  readonly #options: FakePubsubOptions
  #server: http.Server | null = null
  #listening: Promise<string> | null = null
  #wake: () => void = () => {}
  #arrival = new Promise<void>((resolve) => (this.#wake = resolve))

  constructor(options: FakePubsubOptions = {}, name = `s-${randomUUID()}`) {
    this.#options = options
    this.subscription = `projects/tests/subscriptions/${name}`
  }

  publish(data: string | object, attributes: Record<string, string> = {}): string {
    const id = String(
      1_000_000 + this.#givenOut.size + this.#messages.length + Math.floor(Math.random() * 1e9),
    )
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    const publishTime = new Date().toISOString()
    const base64 = Buffer.from(text).toString('base64')
    this.#messages.push({
      id,
      data: base64,
      publishTime,
      attributes,
      deliveries: 0,
      ackId: null,
      visibleAt: 0,
    })
    this.wake()
    return id
  }

  /** Messages that are not acknowledged, leased ones too. */
  left(): number {
    return this.#messages.length
  }

  /** Ends all leases, as time would. */
  expireLeases(): void {
    for (const message of this.#messages) message.visibleAt = 0
    this.wake()
  }

  /** Lets waiting pulls look again. */
  wake(): void {
    this.#wake()
    this.#arrival = new Promise((resolve) => (this.#wake = resolve))
  }

  /** Resolves to the endpoint. */
  listen(): Promise<string> {
    this.#listening ??= this.#listen()
    return this.#listening
  }

  async #listen(): Promise<string> {
    const { tls } = this.#options
    const listener: http.RequestListener = (request, response) => void this.#answer(request, response)
    this.#server = tls
      ? https.createServer({ cert: await readFile(tls.cert), key: await readFile(tls.key) }, listener)
      : http.createServer(listener)
    this.#server.listen(0, '127.0.0.1').unref()
    await once(this.#server, 'listening')
    return `${tls ? 'https' : 'http'}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server?.close()
    this.#server?.closeAllConnections()
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const send = (code: number, body: object) => {
      response.writeHead(code, { 'content-type': 'application/json; charset=UTF-8' })
      response.end(JSON.stringify(body))
    }
    try {
      send(200, await this.#serve(request, gone.signal))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const { code, status, message } = error
      send(code, { error: { code, message, status } })
    }
  }

  async #serve(request: http.IncomingMessage, gone: AbortSignal): Promise<object> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const [, name, verb] =
      /^\/v1\/(projects\/[^/:]+\/subscriptions\/[^/:]+)(?::(\w+))?$/.exec(request.url ?? '') ?? []
    if (name === undefined) throw new Refused(404, 'NOT_FOUND', 'Requested entity was not found.')
    const permitted = this.#permissionOf(request.headers.authorization)
    if (verb === 'testIamPermissions')
      return this.#permissions(bodyOf(request, text, ['permissions']), permitted)
    if (!permitted) throw new Refused(403, 'PERMISSION_DENIED', 'User not authorized to perform this action.')
    this.#ensureThere(name)
    if (request.method === 'GET' && verb === undefined)
      return { name, topic: 'projects/tests/topics/t', ackDeadlineSeconds: 10 }
    if (request.method !== 'POST') throw new Refused(404, 'NOT_FOUND', 'Not found.')
    if (verb === 'pull')
      return await this.#pull(name, bodyOf(request, text, ['maxMessages', 'returnImmediately']), gone)
    if (text.length > MAX_ACK_BYTES) throw invalid('request size')
    if (verb === 'acknowledge') return this.#acknowledge(bodyOf(request, text, ['ackIds']))
    if (verb === 'modifyAckDeadline')
      return this.#modify(bodyOf(request, text, ['ackIds', 'ackDeadlineSeconds']))
    throw new Refused(404, 'NOT_FOUND', 'Not found.')
  }

  #permissionOf(authorization: string | undefined): boolean {
    const { authorize } = this.#options
    if (!authorize) return true
    const [, token] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? []
    const who = token === undefined ? 'unknown' : authorize(token)
    if (who === 'unknown')
      throw new Refused(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.')
    return who === 'subscriber'
  }

  #ensureThere(name: string): void {
    if (!this.exists || name !== this.subscription)
      throw new Refused(404, 'NOT_FOUND', `Resource not found (resource=${name}).`)
  }

  #permissions({ permissions }: Json, permitted: boolean): object {
    if (!Array.isArray(permissions) || permissions.length === 0) throw invalid('permissions')
    if (!this.#options.authorize) throw new Refused(501, 'UNIMPLEMENTED', 'Emulators know no permissions.')
    const held = permitted && this.exists ? ['pubsub.subscriptions.consume'] : []
    const found = permissions.filter((permission) => held.includes(permission))
    return found.length > 0 ? { permissions: found } : {}
  }

  async #pull(name: string, { maxMessages }: Json, gone: AbortSignal): Promise<object> {
    if (!Number.isInteger(maxMessages) || (maxMessages as number) < 1 || (maxMessages as number) > 1_000)
      throw invalid('max_messages')
    const end = Date.now() + (this.#options.waitMs ?? 50)
    for (;;) {
      this.#ensureThere(name)
      const visible = this.#messages.filter(({ visibleAt }) => visibleAt <= Date.now())
      // Nobody is there any more to be given them.
      if (gone.aborted) return {}
      if (visible.length > 0) return this.#lease(visible.slice(0, maxMessages as number))
      if (Date.now() >= end) return {}
      await Promise.race([this.#arrival, new Promise((resolve) => setTimeout(resolve, 5).unref())])
    }
  }

  #lease(messages: Held[]): object {
    const receivedMessages = messages.map((held) => {
      held.ackId = randomUUID() + randomUUID()
      held.deliveries++
      held.visibleAt = Date.now() + 10_000
      this.#givenOut.add(held.ackId)
      const { id: messageId, data, publishTime, attributes, ackId } = held
      const more = Object.keys(attributes).length > 0 ? { attributes } : {}
      const message = { ...(data !== '' && { data }), ...more, messageId, message_id: messageId, publishTime }
      return { ackId, message }
    })
    this.calls.push(`pull ${messages.length}`)
    return { receivedMessages }
  }

  #acknowledge({ ackIds }: Json): object {
    const held = this.#heldBy(ackIds)
    this.calls.push(`acknowledge ${held.length}`)
    this.#messages = this.#messages.filter((message) => !held.includes(message))
    return {}
  }

  #modify({ ackIds, ackDeadlineSeconds: seconds }: Json): object {
    if (!Number.isInteger(seconds) || (seconds as number) < 0 || (seconds as number) > 600)
      throw invalid('ack_deadline_seconds')
    const isOver = (seconds as number) < (this.#options.hastyBelowSeconds ?? 0)
    const held = this.#heldBy(ackIds)
    this.calls.push(`modifyAckDeadline ${held.length} ${seconds}`)
    for (const message of held) message.visibleAt = isOver ? 0 : Date.now() + (seconds as number) * 1_000
    this.wake()
    return {}
  }

  /** Those whose leases are not over. */
  #heldBy(ackIds: unknown): Held[] {
    if (!Array.isArray(ackIds) || ackIds.length === 0) throw invalid('ack_ids')
    return ackIds.flatMap((ackId) => {
      if (!this.#givenOut.has(ackId)) throw invalid('ack_ids: invalid ack ID')
      const held = this.#messages.find((message) => message.ackId === ackId && message.visibleAt > Date.now())
      if (!held) this.lateAcknowledgements++
      return held ?? []
    })
  }
}

function bodyOf({ headers }: http.IncomingMessage, text: string, fields: string[]): Json {
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) throw invalid('content-type')
  let body: Json
  try {
    body = JSON.parse(text) as Json
  } catch {
    throw invalid('JSON payload')
  }
  const unknown = Object.keys(body).find((field) => !fields.includes(field))
  if (unknown !== undefined) throw invalid(`JSON payload: unknown name "${unknown}"`)
  return body
}

function invalid(what: string): Refused {
  return new Refused(400, 'INVALID_ARGUMENT', `Invalid ${what}.`)
}
