import { request as httpRequest } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import type { ConfluentRegistryOptions } from './confluent-registry.ts'

const ANSWER_WITHIN_MS = 10_000

/** What a registry would say to a schema: takes it, refuses it, or has nothing under this subject yet. */
export type Standing = 'compatible' | 'incompatible' | 'absent'

/** Asks a registry that speaks Confluent's API, and registers nothing. Throws what is wrong, in one sentence. */
export function registryProbe({ host, auth, tls }: ConfluentRegistryOptions) {
  const agent = tls && host.startsWith('https:') ? new Agent(tls) : undefined
  const login = auth && Buffer.from(`${auth.username}:${auth.password}`).toString('base64')

  async function ask(path: string, body?: object): Promise<{ status: number; content: unknown }> {
    const url = `${host.replace(/\/$/, '')}${path}`
    const send = url.startsWith('https:') ? httpsRequest : httpRequest
    const headers = {
      'content-type': 'application/vnd.schemaregistry.v1+json',
      ...(login && { authorization: `Basic ${login}` }),
    }
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const sent = send(url, { method: body ? 'POST' : 'GET', headers, agent, signal }, async (response) => {
        try {
          let text = ''
          for await (const chunk of response) text += chunk
          resolve({ status: response.statusCode ?? 0, text })
        } catch (error) {
          reject(error)
        }
      })
      sent.on('error', reject)
      sent.end(body && JSON.stringify(body))
    }).catch((cause: NodeJS.ErrnoException) => {
      throw new Error(`cannot be reached (${cause.code ?? cause.name})`, { cause })
    })
    if (answer.status === 401 || answer.status === 403)
      throw new Error(`refuses this user (${answer.status})`)
    if (answer.status >= 500) throw new Error(`answered ${answer.status}`)
    return { status: answer.status, content: jsonIn(answer.text) }
  }

  return {
    /** Whether the registry answers as one. */
    async reach(): Promise<void> {
      const { status, content } = await ask('/subjects')
      if (status !== 200 || !Array.isArray(content))
        throw new Error(`answered ${status} and no list of subjects`)
    },
    async standing(subject: string, schema: string): Promise<Standing> {
      const path = `/subjects/${encodeURIComponent(subject)}/versions/latest`
      if ((await ask(path)).status === 404) return 'absent'
      const text = JSON.stringify(JSON.parse(schema))
      const { status, content } = await ask(`/compatibility${path}`, { schema: text })
      if (status !== 200) throw new Error(`answered ${status} to a question about ${subject}`)
      return (content as { is_compatible?: unknown }).is_compatible === true ? 'compatible' : 'incompatible'
    },
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
