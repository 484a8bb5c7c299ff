import type { IncomingMessage, ServerResponse } from 'node:http'
import { localServer } from './local-server.ts'

type Json = Record<string, unknown>

export interface DiscordEmbed {
  title: string
  description: string
  color: number
  fields: { name: string; value: string }[]
  footer: { text: string }
}

const PATH = '/api/webhooks/123456789012345678/SECRET-token_1'

/**
 * A local stand-in for Discord's webhooks: posts with and without the message as answer, edits, and the webhook itself.
 * It refuses what Discord refuses (lengths, numbers, empty or unknown fields), complains of text that would be formatted,
 * linked or mentioned, and with a limit also refuses what comes too often.
 */
export async function discordReceiver({ limit = 1_000, windowMs = 60_000 } = {}) {
  /** Posts and edits, in order. */
  const accepted: { edit: boolean; id: string; search: string; embed: DiscordEmbed }[] = []
  /** What the channel shows. */
  const messages = new Map<string, DiscordEmbed>()
  const complaints: string[] = []
  /** As they were posted. */
  const bodies: string[] = []
  let requests = 0
  let limited = 0
  let answer: ((response: ServerResponse) => void) | null = null
  let window = { from: Number.NEGATIVE_INFINITY, used: 0 }

  const server = await localServer((request, body, response) => {
    requests++
    const say = (status: number, content: object, headers = {}) =>
      void response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(content))
    const { pathname, search, searchParams } = new URL(request.url!, 'http://x')
    const [, edited] = new RegExp(`^${PATH}/messages/(\\d+)$`).exec(pathname) ?? []
    if (pathname !== PATH && edited === undefined)
      return say(404, { message: 'Unknown Webhook', code: 10015 })
    if (request.method === 'GET') return say(200, { id: '123456789012345678', type: 1 })
    const complaint = complaintAbout(request, body, edited !== undefined)
    if (complaint) {
      complaints.push(complaint)
      return say(400, { message: 'Invalid Form Body', code: 50035, errors: {} })
    }
    const now = performance.now()
    if (now - window.from >= windowMs) window = { from: now, used: 0 }
    const resetAfter = (window.from + windowMs - now) / 1_000
    if (window.used >= limit) {
      limited++
      return say(429, { message: 'You are being rate limited.', retry_after: resetAfter, global: false })
    }
    if (answer) return answer(response)
    if (edited !== undefined && !messages.has(edited))
      return say(404, { message: 'Unknown Message', code: 10008 })
    window.used++
    const id = edited ?? String(900 + messages.size)
    const [embed] = (JSON.parse(body) as { embeds: [DiscordEmbed] }).embeds
    messages.set(id, embed)
    bodies.push(body)
    accepted.push({ edit: edited !== undefined, id, search, embed })
    const headers = {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(limit - window.used),
      'x-ratelimit-reset-after': resetAfter.toFixed(3),
    }
    if (edited === undefined && searchParams.get('wait') !== 'true')
      return void response.writeHead(204, headers).end()
    say(200, { id, embeds: [embed] }, headers)
  })

  return {
    ...server,
    url: `${server.origin}${PATH}`,
    accepted,
    messages,
    bodies,
    complaints,
    requests: () => requests,
    /** How many it has refused as too many. */
    limited: () => limited,
    /** Null: as Discord does. */
    answer: (next: typeof answer) => {
      answer = next
    },
  }
}

function complaintAbout(
  { method, headers }: IncomingMessage,
  body: string,
  edits: boolean,
): string | undefined {
  if (method !== (edits ? 'PATCH' : 'POST')) return `method ${method}`
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) return 'content-type'
  const { embeds, allowed_mentions: mentions, ...more } = JSON.parse(body) as Json
  if (Object.keys(more).length > 0) return `keys ${Object.keys(more)}`
  if (JSON.stringify(mentions) !== '{"parse":[]}') return 'mentions are allowed'
  if (!Array.isArray(embeds) || embeds.length < 1 || embeds.length > 10) return 'number of embeds'
  const found = embeds.map(aboutEmbed).find(Boolean)
  const total = embeds.reduce((sum, embed) => sum + sizeOf(embed), 0)
  return found ?? (total > 6_000 ? `${total} characters` : undefined)
}

function aboutEmbed(embed: Json): string | undefined {
  const { title, description, color, timestamp, fields, footer, ...more } = embed
  if (Object.keys(more).length > 0) return `keys ${Object.keys(more)}`
  if (!Number.isInteger(color) || (color as number) < 0 || (color as number) > 0xffffff) return 'color'
  if (Number.isNaN(Date.parse(String(timestamp)))) return 'timestamp'
  if (!Array.isArray(fields) || fields.length > 25) return 'fields'
  return (
    aboutText(title, 256) ??
    aboutText(description, 4_096) ??
    aboutText((footer as Json).text, 2_048) ??
    fields.map(({ name, value }) => aboutText(name, 256) ?? aboutText(value, 1_024)).find(Boolean)
  )
}

function aboutText(text: unknown, max: number): string | undefined {
  if (typeof text !== 'string' || text.trim() === '' || text.length > max)
    return `longer than ${max}, or empty`
  if (/\p{Surrogate}/u.test(text)) return 'half a character'
  const bare = text
    .replace(/```\n[\s\S]*?\n```/g, '')
    .replace(/`[^`\n]+`/g, '')
    .replace(/\[[\w' ]+\]\(https?:\/\/[^\s()<>]+\)/g, '')
    .replace(/\*\*Revert\*\*/g, '')
    .replace(/\\[^A-Za-z0-9\s]/g, '')
  return /[*_~`|<>@[\]]|https?:/.test(bare) ? `would be formatted: ${bare}` : undefined
}

function sizeOf({ title, description, fields, footer }: DiscordEmbed): number {
  const parts = [title, description, footer.text, ...fields.flatMap(({ name, value }) => [name, value])]
  return parts.join('').length
}
