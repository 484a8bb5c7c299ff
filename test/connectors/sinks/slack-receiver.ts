import type { IncomingMessage, ServerResponse } from 'node:http'
import { localServer } from './local-server.ts'

interface Text {
  type?: unknown
  text?: unknown
  emoji?: unknown
  verbatim?: unknown
}

interface Block {
  type?: unknown
  text?: Text
  fields?: Text[]
  elements?: Text[]
}

export interface SlackPost {
  text: string
  blocks: Block[]
  /** Milliseconds, of a steady clock. */
  at: number
}

const PATH = '/services/T000/B000/SECRET'

/**
 * A local stand-in for Slack's incoming webhooks: it answers with Slack's own words, refuses what Block Kit does not
 * allow (types, lengths, numbers, unescaped signs), and with a rate limit also what comes too soon.
 */
export async function slackReceiver(limits = { minIntervalMs: 0 }) {
  const accepted: SlackPost[] = []
  const complaints: string[] = []
  let answer: ((response: ServerResponse) => void) | null = null
  let last = Number.NEGATIVE_INFINITY

  const server = await localServer((request, body, response) => {
    const at = performance.now()
    const [status, word, complaint] = judge(request, body)
    if (complaint) complaints.push(complaint)
    if (status !== 200) return void response.writeHead(status).end(word)
    if (at - last < receiver.minIntervalMs)
      return void response.writeHead(429, { 'retry-after': '1' }).end('rate_limited')
    if (answer) return answer(response)
    last = at
    accepted.push({ ...JSON.parse(body), at })
    response.writeHead(200).end('ok')
  })

  const receiver = {
    ...server,
    /** The shortest time between two messages. */
    minIntervalMs: limits.minIntervalMs,
    url: `${server.origin}${PATH}`,
    accepted,
    complaints,
    /** Null: as Slack does. */
    answer: (next: typeof answer) => {
      answer = next
    },
  }
  return receiver
}

function judge(request: IncomingMessage, body: string): [status: number, word: string, complaint?: string] {
  if (request.url !== PATH) return [404, 'no_service', `path ${request.url}`]
  if (request.method !== 'POST') return [400, 'invalid_payload', `method ${request.method}`]
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
    return [400, 'invalid_payload', 'content-type']
  let message: { text?: unknown; blocks?: unknown }
  try {
    message = JSON.parse(body)
  } catch {
    return [400, 'invalid_payload', 'not JSON']
  }
  if (message.text === undefined && message.blocks === undefined) return [400, 'no_text']
  const { text, blocks, ...more } = message
  const complaint =
    (blocks === undefined ? aboutPlain(text) : complaintAbout(text, blocks)) ??
    Object.keys(more).map((key) => `key ${key}`)[0]
  return complaint ? [400, 'invalid_blocks', complaint] : [200, 'ok']
}

/** Slack cuts what is longer, which loses what stands there. */
function aboutPlain(text: unknown): string | undefined {
  if (typeof text !== 'string' || text === '' || text.length > 40_000) return 'the text'
  return hasLoose(text) ? `unescaped signs: ${text}` : undefined
}

function complaintAbout(text: unknown, blocks: unknown): string | undefined {
  if (typeof text !== 'string' || text === '' || text.length > 4_000) return 'the fallback text'
  if (hasLoose(text)) return `unescaped signs: ${text}`
  if (!Array.isArray(blocks) || blocks.length === 0 || blocks.length > 50) return 'number of blocks'
  return (blocks as Block[]).map(complaintAboutBlock).find((found) => found !== undefined)
}

function complaintAboutBlock(block: Block): string | undefined {
  const { type, text, fields, elements } = block
  if (type === 'header')
    return text?.type === 'plain_text' ? aboutText(text, 150) : 'a header without plain_text'
  if (type === 'section') {
    if (!text && !fields) return 'a section of nothing'
    if (fields && (fields.length < 1 || fields.length > 10)) return `${fields.length} fields`
    return (text && aboutText(text, 3_000)) ?? fields?.map((field) => aboutText(field, 2_000)).find(Boolean)
  }
  if (type === 'context') {
    if (!elements || elements.length < 1 || elements.length > 10) return `${elements?.length} elements`
    return elements.map((element) => aboutText(element, 2_000)).find(Boolean)
  }
  return `block ${String(type)}`
}

function aboutText({ type, text, emoji, verbatim }: Text, max: number): string | undefined {
  if (type !== 'plain_text' && type !== 'mrkdwn') return `text of type ${String(type)}`
  if (type === 'mrkdwn' && emoji !== undefined) return 'emoji in mrkdwn'
  if (type === 'plain_text' && verbatim !== undefined) return 'verbatim in plain_text'
  if (typeof text !== 'string' || text.length < 1 || text.length > max)
    return `a text longer than ${max}, or empty`
  // Links are the one thing that stands in brackets.
  if (hasLoose(type === 'mrkdwn' ? text.replace(/<https?:\/\/[^<>|\s]+\|[^<>|]+>/g, '') : text))
    return `unescaped signs: ${text}`
  return undefined
}

function hasLoose(text: string): boolean {
  return /[<>]|&(?!(?:amp|lt|gt);)/.test(text)
}
