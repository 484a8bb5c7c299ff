import type { IncomingMessage, ServerResponse } from 'node:http'
import { localServer } from './local-server.ts'

export interface HecEvent {
  time?: number
  host?: string
  source?: string
  sourcetype?: string
  index?: string
  event: Record<string, unknown>
}

type Answer = (response: ServerResponse) => void

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * A local stand-in for Splunk's HTTP Event Collector with its codes: it checks the token before all else, parses the
 * concatenated events, knows its indexes, and with `acks` wants a channel and acknowledges later, once for each id.
 */
export async function splunkReceiver({ token = 'hec-token', acks = false, indexes = ['main'] } = {}) {
  const indexed: HecEvent[] = []
  const unacknowledged = new Map<string, { ready: boolean }>()
  const asked: number[] = []
  let requests = 0
  let nextAck = 0
  let acknowledges = true
  let answer: Answer | null = null

  const server = await localServer((request, body, response) => {
    const say = (status: number, code: number, more: object = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ text: code === 0 ? 'Success' : 'no', code, ...more }))
    const channel = request.headers['x-splunk-request-channel']
    const fault = tokenFault(request)
    if (fault) return void say(...fault)
    if (request.url === '/services/collector/ack') return askForAck(String(channel), body, say, response)
    if (request.method !== 'POST' || request.url !== '/services/collector/event')
      return void response
        .writeHead(404)
        .end('{"text":"The requested URL was not found on this server.","code":404}')
    if (acks && channel === undefined) return void say(400, 10)
    if (channel !== undefined && !GUID.test(String(channel))) return void say(400, 11)
    if (body === '') return void say(400, 5)
    const events = parseEvents(body)
    if (!events) return void say(400, 6, { 'invalid-event-number': 0 })
    const bad = events.findIndex((event) => event.event === undefined || (event.event as unknown) === '')
    if (bad >= 0)
      return void say(400, events[bad]!.event === undefined ? 12 : 13, { 'invalid-event-number': bad })
    const wrong = events.findIndex(({ index }) => index !== undefined && !indexes.includes(index))
    if (wrong >= 0) return void say(400, 7, { 'invalid-event-number': wrong })
    if (answer) return answer(response)
    requests++
    indexed.push(...events)
    if (!acks) return void say(200, 0)
    const ackId = nextAck++
    unacknowledged.set(`${channel} ${ackId}`, { ready: acknowledges })
    say(200, 0, { ackId })
  })

  function tokenFault({ headers }: IncomingMessage): [number, number] | null {
    const authorization = headers.authorization
    if (authorization === undefined) return [401, 2]
    if (!authorization.startsWith('Splunk ')) return [401, 3]
    return authorization === `Splunk ${token}` ? null : [403, 4]
  }

  function askForAck(
    channel: string,
    body: string,
    say: (status: number, code: number) => unknown,
    response: ServerResponse,
  ): void {
    if (!acks) return void say(400, 14)
    if (!GUID.test(channel)) return void say(400, 10)
    const ids = (JSON.parse(body) as { acks: number[] }).acks
    asked.push(...ids)
    // What has been answered with true is forgotten: asked again, it is false.
    const states = ids.map((id) => {
      const name = `${channel} ${id}`
      const ready = unacknowledged.get(name)?.ready ?? false
      if (ready) unacknowledged.delete(name)
      return [id, ready]
    })
    response.writeHead(200).end(JSON.stringify({ acks: Object.fromEntries(states) }))
  }

  return {
    ...server,
    url: server.origin,
    token,
    indexed,
    /** The ids that were asked after, in order. */
    asked,
    requests: () => requests,
    /** Whether what comes from now on is acknowledged at once; with true, what has come before is, too. */
    acknowledge(now: boolean) {
      acknowledges = now
      if (now) for (const one of unacknowledged.values()) one.ready = true
    },
    answer: (next: Answer | null) => {
      answer = next
    },
  }
}

/** Objects one after the other, with nothing but white space between them. */
function parseEvents(body: string): HecEvent[] | null {
  const events: HecEvent[] = []
  for (let rest = body.trim(); rest !== ''; ) {
    const end = endOfObject(rest)
    try {
      events.push(JSON.parse(rest.slice(0, end)))
    } catch {
      return null
    }
    rest = rest.slice(end).trim()
  }
  return events
}

function endOfObject(text: string): number {
  let depth = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]
    if (quoted && sign === '\\') i++
    else if (sign === '"') quoted = !quoted
    else if (!quoted && sign === '{') depth++
    else if (!quoted && sign === '}' && --depth === 0) return i + 1
  }
  return text.length
}
