import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { toldMessage } from '../log.ts'
import { operation } from './index.ts'
import type { OperationContext } from './operation.ts'

/**
 * While a `run` holds the embedded store, other commands ask it over a socket in its data directory: POST /NAME with
 * the arguments as JSON; the answer is NDJSON, whose last line is {"done": true} or {"error": "..."}.
 */
function socketPath(dataDir: string): string {
  return path.join(dataDir, 'control.sock')
}

/** Serves the operations. Only the owner of the data directory can connect. */
export async function serveOperations(context: OperationContext): Promise<{ close(): Promise<void> }> {
  const file = socketPath(context.config.dataDir)
  rmSync(file, { force: true })
  const server = createServer((incoming, outgoing) => void answer(context, incoming, outgoing))
  const umask = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(file, resolve))
  } finally {
    process.umask(umask)
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  context: OperationContext,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const write = (result: object) => outgoing.write(`${JSON.stringify(result)}\n`)
  const gone = new AbortController()
  outgoing.on('close', () => gone.abort())
  try {
    const run = operation(incoming.url?.slice(1) ?? '')
    if (!run) throw new Error(`no operation ${incoming.url}`)
    outgoing.writeHead(200, { 'content-type': 'application/x-ndjson' })
    outgoing.flushHeaders()
    await run(context, (await body(incoming)) as never, write, gone.signal)
    outgoing.end(`${JSON.stringify({ done: true })}\n`)
  } catch (error) {
    outgoing.end(`${JSON.stringify({ error: toldMessage(error as Error) })}\n`)
  }
}

async function body(incoming: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of incoming) text += chunk
  return JSON.parse(text || '{}')
}

/** Asks a running service. False if none runs over this data directory. */
export async function askRunning(
  dataDir: string,
  name: string,
  args: object,
  emit: (result: object) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const response = await new Promise<IncomingMessage | null>((resolve, reject) => {
    const outgoing = request(
      { socketPath: socketPath(dataDir), path: `/${name}`, method: 'POST', signal },
      resolve,
    )
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      ['ENOENT', 'ECONNREFUSED'].includes(error.code ?? '') ? resolve(null) : reject(error),
    )
    outgoing.end(JSON.stringify(args))
  })
  if (!response) return false
  for await (const line of createInterface({ input: response })) {
    const result = JSON.parse(line) as { done?: true; error?: string }
    if (result.error !== undefined) throw new Error(result.error)
    if (result.done) return true
    emit(result)
  }
  throw new Error('the running tfdrift has ended before it answered')
}
