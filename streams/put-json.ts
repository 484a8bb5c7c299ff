import { type Agent, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface PutOptions {
  headers: Record<string, string>
  /** What `fetch` would not take: it may hold authorities and certificates. */
  agent?: Agent | undefined
}

/** Puts a JSON body; resolves with the status of the answer. */
export function putJson(url: string, body: object, { headers, agent }: PutOptions): Promise<number> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const options = { method: 'PUT', headers: { 'content-type': 'application/json', ...headers }, agent }
    const sent = send(url, options, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}
