import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { RefusedRequest, readBody } from './receiver-body.ts'

export interface ReceiverOptions {
  /** Whose it is: what errors begin with. */
  name: string
  host: string
  /** 0: any that is free. */
  port: number
  /** Files in PEM. With a `ca` only callers with a certificate of it are let in. */
  tls?: { cert: string; key: string; ca?: string | undefined } | undefined
  /** What every request must show, except on open routes. */
  token?: string | undefined
  pathSecret?: string | undefined
  /** For callers that authenticate in a way of their own; false answers 401. Counts as a protection. */
  verify?: (headers: http.IncomingHttpHeaders) => Promise<boolean>
  /** Of a body, packed and unpacked. 1 MiB unless told otherwise. */
  maxBytes?: number
  routes: readonly Route[]
}

export interface Route {
  method: 'GET' | 'POST'
  /** As it is without the path secret, such as `/` or `/api/v1/events`. */
  path: string
  /** Answers without authentication, and without the path secret: for health checks. */
  open?: boolean
  /** What is thrown answers 503: the caller is to come again. */
  handle(request: ReceivedRequest): Promise<Answer>
}

export interface ReceivedRequest {
  headers: http.IncomingHttpHeaders
  body: Buffer
}

export interface Answer {
  status: number
  /** Text; an object is sent as JSON. */
  body?: string | object
}

export interface Receiver {
  port: number
  /** Takes no more requests, and resolves when those under way are answered. */
  close(): Promise<void>
}

const MAX_BYTES = 1_048_576
const MAX_CONNECTIONS = 1_000
/** For a whole request, and for the end of those under way at the close. */
const REQUEST_MS = 15_000

/** Serves the routes until it is closed. Throws an error that names the field and the fix if it cannot. */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  ensureProtected(options)
  const answer = answerer(options)
  let closing = false
  const onRequest: http.RequestListener = (request, response) => {
    void answer(request).then(({ status, headers = {}, body = '' }) => {
      // A body that was not read to its end would be taken for the next request.
      if (closing || !request.complete) response.setHeader('connection', 'close')
      const isText = typeof body === 'string'
      response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers })
      response.end(isText ? body : JSON.stringify(body))
      request.resume()
    })
  }
  const server = await createServer(options, onRequest)
  server.requestTimeout = REQUEST_MS
  server.maxConnections = MAX_CONNECTIONS
  await listen(server, options)
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      closing = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const late = setTimeout(() => server.closeAllConnections(), REQUEST_MS)
      await closed
      clearTimeout(late)
    },
  }
}

/** Beyond this machine only callers that can be told from others are let in. */
function ensureProtected({ name, host, tls, token, pathSecret, verify }: ReceiverOptions): void {
  if (isLoopback(host) || token || pathSecret || verify || tls?.ca) return
  throw new Error(
    `${name}: host: ${host} can be reached from other machines, and anybody could post; ` +
      'set token, pathSecret or tls.ca (client certificates), or host to 127.0.0.1',
  )
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

async function createServer(
  { name, tls }: ReceiverOptions,
  onRequest: http.RequestListener,
): Promise<http.Server | https.Server> {
  if (!tls) return http.createServer(onRequest)
  const [cert, key, ca] = await Promise.all([
    pem(name, 'cert', tls.cert),
    pem(name, 'key', tls.key),
    tls.ca === undefined ? undefined : pem(name, 'ca', tls.ca),
  ])
  try {
    const clients = ca ? { ca, requestCert: true, rejectUnauthorized: true } : {}
    return https.createServer({ cert, key, minVersion: 'TLSv1.2', ...clients }, onRequest)
  } catch (cause) {
    const why = 'cert, key and ca must be PEM files, and the key that of the certificate'
    throw new Error(`${name}: tls: ${why}`, { cause })
  }
}

async function pem(name: string, field: string, file: string): Promise<Buffer> {
  return await readFile(file).catch(({ code }: NodeJS.ErrnoException) => {
    throw new Error(`${name}: tls.${field}: ${file}: cannot be read (${code}); correct the path or allow it`)
  })
}

function listen(server: http.Server, { name, host, port }: ReceiverOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      const fixes: Record<string, string> = {
        EADDRINUSE: 'port: another program has it; choose another',
        EACCES: 'port: not allowed; choose one above 1023',
      }
      const fix = fixes[code ?? ''] ?? `host: cannot listen there (${code}); name an address of this machine`
      reject(new Error(`${name}: ${host}:${port}: ${fix}`))
    })
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      // What goes wrong on one connection ends that one.
      server.on('error', () => {})
      resolve()
    })
  })
}

type FullAnswer = Answer & { headers?: Record<string, string> }

/** Never rejects. */
function answerer(options: ReceiverOptions): (request: http.IncomingMessage) => Promise<FullAnswer> {
  const { routes, token, pathSecret, verify, maxBytes = MAX_BYTES } = options
  const open = routes.filter((route) => route.open)

  async function answer(request: http.IncomingMessage): Promise<FullAnswer> {
    const path = request.url!.split('?')[0]!
    const asOpen = open.find((route) => route.path === path && route.method === request.method)
    if (asOpen) return await asOpen.handle({ headers: request.headers, body: Buffer.alloc(0) })
    const own = ownPath(path, pathSecret)
    if (own === null) return { status: 404, body: 'no such path' }
    if (!isTokenOf(request, token) || (verify && !(await verify(request.headers)))) {
      return { status: 401, headers: { 'www-authenticate': 'Bearer' }, body: 'not authorized' }
    }
    const here = routes.filter((route) => route.path === own)
    if (here.length === 0) return { status: 404, body: 'no such path' }
    const route = here.find(({ method }) => method === request.method)
    if (!route) {
      const allow = here.map(({ method }) => method).join(', ')
      return { status: 405, headers: { allow }, body: `use ${allow}` }
    }
    return await route.handle({ headers: request.headers, body: await readBody(request, maxBytes) })
  }

  return async (request) => {
    try {
      return await answer(request)
    } catch (error) {
      if (error instanceof RefusedRequest) return { status: error.status, body: error.message }
      return { status: 503, headers: { 'retry-after': '5' }, body: 'cannot take it now; come again' }
    }
  }
}

/** The path behind the secret; null if it is not there. */
function ownPath(path: string, secret: string | undefined): string | null {
  if (secret === undefined) return path
  const [, first = '', ...rest] = path.split('/')
  return sameText(first, secret) ? `/${rest.join('/')}` : null
}

function isTokenOf({ headers }: http.IncomingMessage, token: string | undefined): boolean {
  if (token === undefined) return true
  const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  return given !== undefined && sameText(given, token)
}

/** Takes as long whatever they have in common. */
function sameText(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(a), hash(b))
}
