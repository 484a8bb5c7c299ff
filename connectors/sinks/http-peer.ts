import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { z } from 'zod'
import type { Check } from '../check.ts'
import { DeliveryError } from '../sink.ts'
import { isPrivateAddress } from './private-address.ts'
import { retryAfterMs } from './retry-after.ts'

/** What every sink that speaks HTTP takes. */
export const httpPeerConfig = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .refine((url) => !URL.canParse(url) || new URL(url).username === '', {
      error: 'must not hold a user name: put credentials into headers, as Authorization',
    }),
  /** Alerts and secrets go over the wire in the open unless the URL is https. */
  allowHttp: z.boolean().optional(),
  /**
   * A host name that resolves to a private, loopback or link-local address is refused unless this is true: names
   * are moved by others. An IP address and localhost are taken as meant. The name is checked before each
   * request; what resolves differently a moment later is not caught.
   */
  allowPrivate: z.boolean().optional(),
})

export type HttpPeerConfig = z.output<typeof httpPeerConfig>

/** The refinement of such a sink's schema: https, unless plain HTTP is allowed or stays on this machine. */
export const httpsUnlessAllowed: [
  (config: HttpPeerConfig) => boolean,
  { path: string[]; error: string; when: (payload: { value: unknown }) => boolean },
] = [
  ({ url, allowHttp }) => allowHttp === true || !isOpenHttp(url),
  {
    path: ['url'],
    error: 'is plain HTTP, which anybody on the way can read; use https, or set allowHttp: true',
    when: ({ value }) => typeof (value as { url?: unknown } | null)?.url === 'string',
  },
]

/** Plain HTTP to another machine. What goes to the loopback interface passes nobody. */
function isOpenHttp(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

/** Bytes of an answer that are read, unless told otherwise. */
const MAX_ANSWER = 64 * 1024

export interface HttpRequest {
  method?: 'GET' | 'HEAD' | 'PATCH' | 'POST'
  headers: Headers
  body?: string
  signal: AbortSignal
  allowPrivate: boolean | undefined
}

/**
 * One request, answered with any status. Redirects are not followed. Throws DeliveryError if there is no answer or
 * the address is refused, and the signal's reason if it aborts. Errors name the origin only: a path may hold a secret.
 */
export async function request(url: URL, options: HttpRequest): Promise<Response> {
  const { allowPrivate, ...own } = options
  if (!allowPrivate) await refusePrivate(url)
  if (!own.headers.has('user-agent')) own.headers.set('user-agent', 'tfdrift-streams')
  try {
    return await fetch(url, { method: 'POST', ...own, redirect: 'manual' })
  } catch (cause) {
    options.signal.throwIfAborted()
    throw new DeliveryError(`${url.origin} cannot be reached: ${codeOf(cause)}`, { retryable: true, cause })
  }
}

/** The error for an answer that did not accept. `detail`: what the peer's own code means; never its body as it is. */
export function refusal({ origin }: URL, { status, headers }: Response, detail = ''): DeliveryError {
  const redirects = status >= 300 && status < 400
  const hint = redirects ? ': redirects are not followed, configure the address that it leads to' : ''
  return new DeliveryError(`${origin} answered ${status}${detail ? `: ${detail}` : hint}`, {
    retryable: status === 408 || status === 429 || status >= 500,
    retryAfterMs: retryAfterMs(headers.get('retry-after'), Date.now()),
  })
}

/** The beginning of the body, for judging it. Throws a retryable DeliveryError if it breaks off. */
export async function answerText(
  url: URL,
  answer: Response,
  signal: AbortSignal,
  maxBytes = MAX_ANSWER,
): Promise<string> {
  const chunks: Uint8Array[] = []
  try {
    await readBody(answer, (chunk) => chunks.push(chunk), maxBytes)
  } catch (cause) {
    signal.throwIfAborted()
    throw new DeliveryError(`${url.origin} broke off its answer: ${codeOf(cause)}`, {
      retryable: true,
      cause,
    })
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Reads what is left of an answer, so that its connection can be used again. Never rejects. */
export async function discardBody(answer: Response): Promise<void> {
  // The answer has been judged by its status; if its connection is lost, the next request will notice.
  await readBody(answer, () => {}).catch(() => {})
}

async function readBody(
  answer: Response,
  take: (chunk: Uint8Array) => void,
  maxBytes = MAX_ANSWER,
): Promise<void> {
  let bytes = 0
  for await (const chunk of answer.body ?? []) {
    take(chunk)
    bytes += chunk.length
    if (bytes > maxBytes) break
  }
}

/** A check from what a probe threw, or from what it found. */
export async function peerCheck(what: string, probe: () => Promise<Omit<Check, 'what'>>): Promise<Check[]> {
  try {
    return [{ what, ...(await probe()) }]
  } catch (error) {
    const problem = error instanceof DeliveryError ? error.message : 'the check itself failed'
    return [{ what, ok: false, problem, fix: 'correct the URL, or open the way from here to that address' }]
  }
}

/** For how long a probe waits. */
export const PROBE_MS = 10_000

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

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } }
  return String(code ?? cause?.code ?? 'no connection')
}
