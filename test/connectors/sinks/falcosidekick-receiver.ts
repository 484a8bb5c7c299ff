import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { localServer } from './local-server.ts'

/** What falcosidekick's decoder and its checks let in; strict, so that a misspelt field is found. */
const payload = z.strictObject({
  uuid: z.uuid(),
  output: z.string().min(1),
  priority: z.enum([
    'Emergency',
    'Alert',
    'Critical',
    'Error',
    'Warning',
    'Notice',
    'Informational',
    'Debug',
  ]),
  rule: z.string().min(1),
  time: z.iso.datetime({ offset: true }),
  source: z.string().min(1),
  hostname: z.string(),
  tags: z.array(z.string()),
  output_fields: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .refine((fields) => Object.keys(fields).length > 0),
})

/**
 * A local stand-in for falcosidekick's HTTP input: POST / takes a finding and answers 200 without a body, 400 where it
 * is none; GET /ping answers pong. With a token, what stands in front of it wants that first.
 */
export async function falcosidekickReceiver({ token }: { token?: string } = {}) {
  const accepted: z.infer<typeof payload>[] = []
  const complaints: string[] = []
  let answer: ((response: ServerResponse) => void) | null = null

  const server = await localServer((request, body, response) => {
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      return void response.writeHead(401).end()
    if (request.method === 'GET' && request.url === '/ping') return void response.end('pong\n')
    const complaint = complaintAbout(request, body)
    if (complaint) {
      complaints.push(complaint)
      return void response.writeHead(400).end('Please send a valid request body\n')
    }
    if (answer) return answer(response)
    accepted.push(JSON.parse(body))
    response.writeHead(200).end()
  })

  return {
    ...server,
    url: `${server.origin}/`,
    accepted,
    complaints,
    /** Null: as falcosidekick does. */
    answer: (next: typeof answer) => {
      answer = next
    },
  }
}

function complaintAbout({ method, url, headers }: IncomingMessage, body: string): string | null {
  if (method !== 'POST' || url !== '/') return `${method} ${url}`
  if (headers['content-type'] !== 'application/json') return `content-type ${headers['content-type']}`
  try {
    return payload.safeParse(JSON.parse(body)).error?.message ?? null
  } catch {
    return 'not JSON'
  }
}
