import { isObject, type JsonObject } from '../json.ts'
import { DeliveryError } from '../sink.ts'
import type { AdfDocument } from './formats/adf.ts'
import { answerText, refusal, request } from './http-peer.ts'

/** Bytes of an answer: fifty long comments. */
const MAX_ANSWER = 16 * 1024 * 1024

export interface JiraAccount {
  url: string
  email: string
  apiToken: string
  allowPrivate?: boolean | undefined
}

export interface Issue {
  key: string
  isDone: boolean
  /** As Jira gave it: what we wrote there can be found again. */
  description: unknown
}

export interface Transition {
  id: string
  name: string
  isDone: boolean
}

/** Of Jira Cloud's REST API, version 3, the calls that the sink needs. All throw DeliveryError. */
export interface JiraClient {
  /** The keys of the issues with this label, the newest first. What was written moments ago may be missing. */
  labelled(label: string, signal: AbortSignal): Promise<string[]>
  /** As it is now; null if it is gone. */
  issue(key: string, signal: AbortSignal): Promise<Issue | null>
  create(fields: JsonObject, signal: AbortSignal): Promise<string>
  /** The newest comments, as Jira gives them. */
  comments(key: string, signal: AbortSignal): Promise<unknown[]>
  comment(key: string, body: AdfDocument, signal: AbortSignal): Promise<void>
  transitions(key: string, signal: AbortSignal): Promise<Transition[]>
  transition(key: string, id: string, signal: AbortSignal): Promise<void>
  /** The names of the project's types of issues; null if there is no such project, or none that we may see. */
  issueTypes(project: string, signal: AbortSignal): Promise<string[] | null>
}

export function jiraClient({ url, email, apiToken, allowPrivate }: JiraAccount): JiraClient {
  const base = new URL('rest/api/3/', url.endsWith('/') ? url : `${url}/`)
  const authorization = `Basic ${Buffer.from(`${email}:${apiToken}`).toString('base64')}`

  async function call(
    method: 'GET' | 'POST',
    path: string,
    signal: AbortSignal,
    content?: object,
  ): Promise<{ answer: Response; body: JsonObject }> {
    const headers = new Headers({ authorization, accept: 'application/json' })
    if (content) headers.set('content-type', 'application/json')
    const body = content && JSON.stringify(content)
    const answer = await request(new URL(path, base), {
      method,
      headers,
      signal,
      allowPrivate,
      ...(body !== undefined && { body }),
    })
    return { answer, body: objectIn(await answerText(base, answer, signal, MAX_ANSWER)) }
  }

  async function get(path: string, signal: AbortSignal): Promise<JsonObject> {
    const { answer, body } = await call('GET', path, signal)
    if (!answer.ok) throw refusal(base, answer, faultIn(body))
    return body
  }

  async function post(path: string, content: object, signal: AbortSignal): Promise<JsonObject> {
    const { answer, body } = await call('POST', path, signal, content)
    if (!answer.ok) throw refusal(base, answer, faultIn(body))
    return body
  }

  const stranger = () =>
    new DeliveryError(`${base.origin} did not answer as Jira does: somebody else answers there`, {
      retryable: true,
    })

  return {
    async labelled(label, signal) {
      const jql = `labels = "${label}" ORDER BY created DESC`
      const { issues } = await post('search/jql', { jql, fields: ['key'], maxResults: 5 }, signal)
      if (!Array.isArray(issues)) throw stranger()
      return issues.map(({ key }) => String(key))
    },

    async issue(key, signal) {
      const path = `issue/${encodeURIComponent(key)}?fields=status,description`
      const { answer, body } = await call('GET', path, signal)
      if (answer.status === 404) return null
      if (!answer.ok) throw refusal(base, answer, faultIn(body))
      if (!isObject(body.fields)) throw stranger()
      return { key, isDone: isDone(body.fields.status), description: body.fields.description }
    },

    async create(fields, signal) {
      const { key } = await post('issue', { fields }, signal)
      if (typeof key !== 'string') throw stranger()
      return key
    },

    async comments(key, signal) {
      const path = `issue/${encodeURIComponent(key)}/comment?orderBy=-created&maxResults=50`
      const { comments } = await get(path, signal)
      if (!Array.isArray(comments)) throw stranger()
      return comments
    },

    async comment(key, body, signal) {
      await post(`issue/${encodeURIComponent(key)}/comment`, { body }, signal)
    },

    async transitions(key, signal) {
      const { transitions } = await get(`issue/${encodeURIComponent(key)}/transitions`, signal)
      if (!Array.isArray(transitions)) throw stranger()
      return transitions.map(({ id, name, to }) => ({
        id: String(id),
        name: String(name),
        isDone: isDone(to),
      }))
    },

    async transition(key, id, signal) {
      await post(`issue/${encodeURIComponent(key)}/transitions`, { transition: { id } }, signal)
    },

    async issueTypes(project, signal) {
      const { answer, body } = await call('GET', `project/${encodeURIComponent(project)}`, signal)
      if (answer.status === 404) return null
      if (!answer.ok) throw refusal(base, answer, faultIn(body))
      if (!Array.isArray(body.issueTypes)) throw stranger()
      return body.issueTypes.map(({ name }) => String(name))
    },
  }
}

/** A status belongs to one of three categories, whatever its name. */
function isDone(status: unknown): boolean {
  return isObject(status) && isObject(status.statusCategory) && status.statusCategory.key === 'done'
}

/** The fields that Jira complains of. Their names are ours or its own; its texts may quote what was sent. */
function faultIn({ errors }: JsonObject): string {
  const names = isObject(errors) ? Object.keys(errors).filter((name) => /^[a-z_]+\d*$/i.test(name)) : []
  return names.length === 0 ? '' : `it does not take, or misses, the field ${names.join(', ')}`
}

function objectIn(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}
