import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Metrics } from '../streams/metrics.ts'

/** One reason why the process is not live or not ready. */
export interface Problem {
  /** What it is about, such as table:state-snapshot or source:cloudtrail-files. */
  component: string
  reason: string
}

export interface HealthServerOptions {
  host: string
  /** 0 takes a free one. */
  port: number
  metrics: Pick<Metrics, 'contentType' | 'render'>
  /** Empty while the process need not be restarted. */
  live(): Problem[]
  /** Empty while events flow: tables caught up, consumers joined, sources healthy. */
  ready(): Problem[]
  /** Told by /readyz beside them: what should be mended, though events flow. */
  warnings?(): Problem[]
}

export interface HealthServer {
  port: number
  close(): Promise<void>
}

/**
 * Serves /metrics, /livez (and /healthz, its other name) and /readyz; the last two answer 200 or 503 with
 * {"status", "problems"}, and /readyz with "warnings" where there are any. Rejects if the address cannot be listened on.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer(createHandler(options))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, options)))
    server.listen(options.port, options.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function createHandler({ metrics, live, ready, warnings = () => [] }: HealthServerOptions): RequestListener {
  const routes = new Map<string, (response: ServerResponse) => void | Promise<void>>([
    ['/livez', (response) => sendProblems(response, live())],
    ['/healthz', (response) => sendProblems(response, live())],
    ['/readyz', (response) => sendProblems(response, ready(), warnings())],
    ['/metrics', async (response) => send(response, 200, metrics.contentType, await metrics.render())],
  ])

  return async function handle(request, response) {
    const route = routes.get(request.url?.split('?', 1)[0] ?? '')
    if (!route) return sendJson(response, 404, { status: 'not found', routes: [...routes.keys()] })
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return sendJson(response, 405, { status: 'method not allowed' })
    }
    try {
      await route(response)
    } catch {
      sendJson(response, 500, { status: 'error' })
    }
  }
}

function sendProblems(response: ServerResponse, problems: Problem[], warnings: Problem[] = []): void {
  const ok = problems.length === 0
  sendJson(response, ok ? 200 : 503, {
    status: ok ? 'ok' : 'unavailable',
    problems,
    ...(warnings.length > 0 && { warnings }),
  })
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, 'application/json', `${JSON.stringify(body)}\n`)
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}

function explain(error: NodeJS.ErrnoException, { host, port }: HealthServerOptions): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'the port is in use; stop what listens there or set another http.port',
    EACCES: 'not permitted; set an http.port above 1023',
    EADDRNOTAVAIL: 'this machine has no such address; correct http.host',
    ENOTFOUND: 'no such host; correct http.host',
  }
  const reason = reasons[error.code ?? ''] ?? error.message
  return new Error(`http: cannot listen on ${host}:${port}: ${reason}`, { cause: error })
}
