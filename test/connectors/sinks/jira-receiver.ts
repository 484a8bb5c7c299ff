import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { adfDocument } from './adf-validator.ts'
import { localServer } from './local-server.ts'

interface FakeIssue {
  key: string
  fields: z.infer<typeof newIssue>['fields']
  status: keyof typeof categories
  comments: { id: string; body: unknown }[]
  /** Whether the search knows it already. */
  indexed: boolean
}

const label = z.string().regex(/^\S{1,255}$/)
const newIssue = z.strictObject({
  fields: z.strictObject({
    project: z.strictObject({ key: z.literal('SEC') }),
    issuetype: z.strictObject({ name: z.enum(['Task', 'Bug']) }),
    summary: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[^\r\n]*$/),
    description: adfDocument,
    labels: z.array(label),
    priority: z.strictObject({ name: z.enum(['Highest', 'High', 'Medium', 'Low', 'Lowest']) }).optional(),
    customfield_10010: z.string().optional(),
  }),
})
const search = z.strictObject({
  jql: z.string().regex(/^labels = "\S+" ORDER BY created DESC$/),
  fields: z.array(z.string()).min(1),
  maxResults: z.int().min(1).max(5_000),
})
const newComment = z.strictObject({ body: adfDocument })
const move = z.strictObject({ transition: z.strictObject({ id: z.string() }) })

const categories = { 'To Do': 'new', 'In Progress': 'indeterminate', Done: 'done', Declined: 'done' } as const
const workflow = [
  { id: '21', name: 'Start', to: 'In Progress' },
  { id: '31', name: 'Close', to: 'Done' },
  { id: '41', name: 'Decline', to: 'Declined' },
] as const

const EMAIL = 'tfdrift@example.com'
const TOKEN = 'ATATT-token-of-the-tests'
const MARK = /[0-9a-f]{64}:[a-z]+/

/**
 * A local stand-in for Jira Cloud, with one project: it wants the account, refuses fields and documents that Jira would
 * not take, offers only what the workflow allows, and its search, unlike all else, may be late.
 */
export async function jiraReceiver() {
  const issues: FakeIssue[] = []
  const marks: string[] = []
  const complaints: string[] = []
  let calls: string[] = []
  let indexes = true
  let transitions: readonly (typeof workflow)[number][] = workflow
  let answer: ((response: ServerResponse) => void) | null = null
  /** What it does with the next call of this kind, after it has done what it was asked to. */
  let loses: string | null = null

  const server = await localServer((request, body, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?')
    const say = (status: number, content?: object) => {
      if (loses === `${request.method} ${path.replace(/SEC-\d+/, 'KEY')}`) {
        loses = null
        return void request.socket.destroy()
      }
      response.writeHead(status, { 'content-type': 'application/json' })
      return void response.end(content && JSON.stringify(content))
    }
    const expected = `Basic ${Buffer.from(`${EMAIL}:${TOKEN}`).toString('base64')}`
    if (request.headers.authorization !== expected) return void say(401)
    if (answer) return answer(response)
    calls.push(`${request.method} ${path}`)
    return handle(request, path.replace('/rest/api/3/', ''), new URLSearchParams(query), body, say)
  })

  function handle(
    { method, headers }: IncomingMessage,
    path: string,
    query: URLSearchParams,
    body: string,
    say: (status: number, content?: object) => void,
  ): void {
    const read = <T>(schema: z.ZodType<T>): T | null => {
      const isJson = headers['content-type'] === 'application/json'
      const result = schema.safeParse(isJson ? JSON.parse(body) : null)
      if (result.success) return result.data
      complaints.push(`${method} ${path}: ${result.error.message}`)
      const errors = result.error.issues.map(({ path: [, field = 'body'], message }) => [field, message])
      say(400, { errorMessages: [], errors: Object.fromEntries(errors) })
      return null
    }
    if (method === 'GET' && path === 'project/SEC')
      return void say(200, { key: 'SEC', issueTypes: [{ name: 'Task' }, { name: 'Bug' }] })
    if (method === 'POST' && path === 'search') return void say(410)
    if (method === 'POST' && path === 'search/jql') {
      const asked = read(search)
      if (!asked) return
      const wanted = /"(.*)"/.exec(asked.jql)![1]!
      const found = issues
        .filter(({ fields, indexed }) => indexed && fields.labels.includes(wanted))
        .reverse()
      return void say(200, {
        issues: found.slice(0, asked.maxResults).map(({ key }) => ({ key, fields: {} })),
        isLast: true,
      })
    }
    if (method === 'POST' && path === 'issue') {
      const asked = read(newIssue)
      if (!asked) return
      const key = `SEC-${issues.length + 1}`
      issues.push({ key, fields: asked.fields, status: 'To Do', comments: [], indexed: indexes })
      note(asked.fields.description)
      return void say(201, { id: `1000${issues.length}`, key })
    }
    const [, key, part] = /^issue\/(SEC-\d+)(?:\/(\w+))?$/.exec(path) ?? []
    const issue = issues.find((one) => one.key === key)
    if (!issue)
      return void say(404, {
        errorMessages: ['Issue does not exist or you do not have permission to see it.'],
      })
    if (method === 'GET' && part === undefined) {
      const wanted = query.get('fields')?.split(',') ?? []
      const all = { status: statusOf(issue.status), description: issue.fields.description }
      return void say(200, {
        key,
        fields: Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name))),
      })
    }
    if (method === 'GET' && part === 'comment') {
      const newestFirst = query.get('orderBy') === '-created'
      const sorted = newestFirst ? issue.comments.toReversed() : issue.comments
      return void say(200, { comments: sorted.slice(0, Number(query.get('maxResults') ?? 50)) })
    }
    if (method === 'POST' && part === 'comment') {
      const asked = read(newComment)
      if (!asked) return
      issue.comments.push({ id: String(issue.comments.length), body: asked.body })
      note(asked.body)
      return void say(201, { id: String(issue.comments.length) })
    }
    const possible = transitions.filter(({ to }) => to !== issue.status)
    if (method === 'GET' && part === 'transitions')
      return void say(200, {
        transitions: possible.map(({ id, name, to }) => ({ id, name, to: statusOf(to) })),
      })
    if (method === 'POST' && part === 'transitions') {
      const chosen = possible.find(({ id }) => id === read(move)?.transition.id)
      if (!chosen)
        return void say(400, {
          errorMessages: ['It seems that you have tried to perform an illegal workflow'],
        })
      issue.status = chosen.to
      return void say(204)
    }
    return void say(404)
  }

  function note(document: unknown): void {
    marks.push(MARK.exec(JSON.stringify(document))?.[0] ?? 'none')
  }

  return {
    ...server,
    account: { url: server.origin, email: EMAIL, apiToken: TOKEN },
    issues,
    /** ID:STATUS of what was written, in order. */
    marks,
    complaints,
    /** The calls since it was last asked. */
    calls: () => {
      const made = calls
      calls = []
      return made
    },
    /** Null: as Jira does. */
    answer: (next: typeof answer) => {
      answer = next
    },
    /** Does what the next such call asks, and breaks the connection off; KEY stands for any issue's. */
    loseAnswerTo: (call: string) => {
      loses = call
    },
    /** Whether the search knows new issues at once; with true, it knows the others too. */
    index: (now: boolean) => {
      indexes = now
      if (now) for (const issue of issues) issue.indexed = true
    },
    allow: (names: readonly string[]) => {
      transitions = workflow.filter(({ name }) => names.includes(name))
    },
  }
}

function statusOf(name: keyof typeof categories) {
  return { name, statusCategory: { key: categories[name] } }
}
