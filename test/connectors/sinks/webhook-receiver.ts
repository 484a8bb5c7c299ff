import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

export interface Received {
  id: string
  headers: IncomingMessage['headers']
  body: string
}

type Answer = (response: ServerResponse) => void

/**
 * A local receiver of Standard Webhooks that is as strict as a real one: it verifies method, media type and
 * signature, and that id and body belong together, before it accepts. `answer` takes over what comes after that.
 */
export async function webhookReceiver(secret: string) {
  const accepted: Received[] = []
  const complaints: string[] = []
  let answer: Answer = (response) => response.writeHead(204).end()
  let connections = 0

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString('utf8')
    const complaint = complaintAbout(request, body, secret)
    if (complaint) {
      complaints.push(complaint)
      response.writeHead(400).end()
      return
    }
    answer(response)
    if (response.statusCode < 300 && response.headersSent) {
      accepted.push({ id: String(request.headers['webhook-id']), headers: request.headers, body })
    }
  })
  server.on('connection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}/hooks/SECRET-PATH`,
    port,
    accepted,
    complaints,
    connections: () => connections,
    answer: (next: Answer) => {
      answer = next
    },
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function complaintAbout(request: IncomingMessage, body: string, secret: string): string | null {
  const { headers, method } = request
  if (method !== 'POST') return `method ${method}`
  if (headers['content-type'] !== 'application/json') return `content-type ${headers['content-type']}`
  if (Number(headers['content-length']) !== Buffer.byteLength(body)) return 'content-length is wrong'
  try {
    const alert = new Webhook(secret).verify(body, headers as Record<string, string>) as Record<
      string,
      unknown
    >
    if (headers['webhook-id'] !== `${alert.id}:${alert.status}`) return 'webhook-id is not of this alert'
    if (!/^[0-9a-f]{64}$/.test(String(alert.id))) return 'the alert has no id'
    return null
  } catch (error) {
    return (error as Error).message
  }
}
