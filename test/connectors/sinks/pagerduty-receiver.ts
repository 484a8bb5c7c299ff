import type { IncomingMessage, ServerResponse } from 'node:http'
import { localServer } from './local-server.ts'

type Json = Record<string, unknown>

export interface PagerdutyEvent {
  routing_key: string
  event_action: 'trigger' | 'acknowledge' | 'resolve'
  dedup_key: string
  links: { href: string; text?: string }[]
  payload: {
    summary: string
    source: string
    severity: string
    timestamp: string
    component?: string
    group?: string
    class?: string
    custom_details: { alert: { id: string; status: string }; [name: string]: unknown }
  }
}

const KEY = 'R0UTINGKEY0123456789abcdefABCDEF'
const LARGEST = 512 * 1024

/**
 * A local stand-in for PagerDuty's Events API v2: it refuses, in PagerDuty's words, keys that it does not know, missing
 * and unknown fields, and what is too long; and it keeps incidents, which a dedup_key opens, acknowledges and resolves.
 */
export async function pagerdutyReceiver() {
  const accepted: PagerdutyEvent[] = []
  const complaints: string[] = []
  const incidents = new Map<string, { status: 'triggered' | 'acknowledged' | 'resolved'; opened: number }>()
  let answer: ((response: ServerResponse) => void) | null = null

  const server = await localServer((request, body, response) => {
    const say = (status: number, content: object) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content))
    const place = complaintAboutRequest(request)
    if (place) {
      complaints.push(place)
      return void response.writeHead(404).end()
    }
    if (Buffer.byteLength(body) > LARGEST) {
      complaints.push(`${Buffer.byteLength(body)} bytes`)
      return void response.writeHead(413).end()
    }
    const errors = errorsOf(body)
    if (errors.length > 0) {
      complaints.push(...errors)
      return say(400, { status: 'invalid event', message: 'Event object is invalid', errors })
    }
    const event = JSON.parse(body) as PagerdutyEvent
    if (answer) return answer(response)
    accepted.push(event)
    move(event)
    say(202, { status: 'success', message: 'Event processed', dedup_key: event.dedup_key })
  })

  function move({ dedup_key: key, event_action: action }: PagerdutyEvent): void {
    const incident = incidents.get(key)
    const isOpen = incident !== undefined && incident.status !== 'resolved'
    if (action === 'trigger') {
      if (!isOpen) incidents.set(key, { status: 'triggered', opened: (incident?.opened ?? 0) + 1 })
    } else if (isOpen) {
      incident.status = action === 'resolve' ? 'resolved' : 'acknowledged'
    }
  }

  return {
    ...server,
    url: server.origin,
    routingKey: KEY,
    accepted,
    complaints,
    /** By dedup_key. */
    incidents,
    /** Null: as PagerDuty does. */
    answer: (next: typeof answer) => {
      answer = next
    },
  }
}

function complaintAboutRequest({ method, url, headers }: IncomingMessage): string | undefined {
  if (method !== 'POST' || url !== '/v2/enqueue') return `${method} ${url}`
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) return 'content-type'
  return undefined
}

function errorsOf(body: string): string[] {
  let event: Json
  try {
    event = JSON.parse(body)
  } catch {
    return ['JSON']
  }
  const {
    routing_key: key,
    event_action: action,
    dedup_key: dedup,
    payload,
    links = [],
    client,
    ...more
  } = event
  const actions = ['trigger', 'acknowledge', 'resolve']
  return [
    ...keyErrors(key),
    ...(actions.includes(action as string) ? [] : ["'event_action' is missing or blank"]),
    ...(isText(dedup, 255) || (dedup === undefined && action === 'trigger') ? [] : ["'dedup_key' is wrong"]),
    ...(client === undefined || isText(client, 1_024) ? [] : ["'client' is wrong"]),
    ...(payload === undefined && action !== 'trigger' ? [] : payloadErrors(payload as Json | undefined)),
    ...linkErrors(links),
    ...Object.keys(more).map((name) => `'${name}' is unknown`),
  ]
}

function keyErrors(key: unknown): string[] {
  if (typeof key !== 'string' || key.length !== 32)
    return ["Length of 'routing_key' is incorrect (should be 32 characters)"]
  if (!/^[a-z0-9]+$/i.test(key)) return ["'routing_key' cannot contain non-alphanumeric characters."]
  return key === KEY ? [] : ['Invalid routing key']
}

function payloadErrors(payload: Json = {}): string[] {
  const {
    summary,
    source,
    severity,
    timestamp,
    component,
    group,
    class: kind,
    custom_details,
    ...more
  } = payload
  const optional = { component, group, kind }
  return [
    ...(isText(summary, 1_024) ? [] : ["'payload.summary' is missing or blank, or too long"]),
    ...(isText(source, 1_024) ? [] : ["'payload.source' is missing or blank, or too long"]),
    ...(['critical', 'error', 'warning', 'info'].includes(severity as string)
      ? []
      : [
          "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')",
        ]),
    ...(timestamp === undefined || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(String(timestamp))
      ? []
      : ["'payload.timestamp' is no ISO 8601"]),
    ...Object.entries(optional).flatMap(([name, value]) =>
      value === undefined || isText(value, 1_024) ? [] : [`'payload.${name}' is wrong`],
    ),
    ...(custom_details === undefined || typeof custom_details === 'object' ? [] : ["'custom_details'"]),
    ...Object.keys(more).map((name) => `'payload.${name}' is unknown`),
  ]
}

function linkErrors(links: unknown): string[] {
  if (!Array.isArray(links)) return ["'links' must be an array"]
  return links.flatMap(({ href, text, ...more }: Json) => {
    const isRight =
      typeof href === 'string' && /^https?:/.test(href) && URL.canParse(href) && isText(text, 1_024)
    return isRight && Object.keys(more).length === 0 ? [] : ["'links' is wrong"]
  })
}

/** Not blank, and without half a character at its ends. */
function isText(value: unknown, max: number): boolean {
  return (
    typeof value === 'string' && value.trim() !== '' && value.length <= max && !/\p{Surrogate}/u.test(value)
  )
}
