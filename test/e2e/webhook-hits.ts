import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import type { AlertJson } from '../../connectors/alert-json.ts'

export interface WebhookReceiver {
  url: string
  /** Every accepted delivery, repeats too: the webhook-id, and the alert. */
  hits: { id: string; alert: AlertJson }[]
  /** How long it takes to answer. */
  delayMs: number
  /** It answers 503. */
  away: boolean
  close(): Promise<void>
}

/** A local receiver that verifies each signature, and answers 401 to what it would not trust. */
export async function receiveWebhooks(secret: string): Promise<WebhookReceiver> {
  const verifier = new Webhook(secret)
  const receiver: WebhookReceiver = { url: '', hits: [], delayMs: 0, away: false, close }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    try {
      verifier.verify(body, request.headers as Record<string, string>)
    } catch {
      response.writeHead(401).end()
      return
    }
    if (receiver.away) {
      response.writeHead(503).end()
      return
    }
    receiver.hits.push({ id: String(request.headers['webhook-id']), alert: JSON.parse(body) as AlertJson })
    await pause(receiver.delayMs)
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`
  return receiver

  function close(): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }
}
