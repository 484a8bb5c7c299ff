import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openBucket } from '../../../../connectors/sources/gcp/bucket.ts'

async function serving(answer: http.RequestListener) {
  const requests: http.IncomingMessage[] = []
  const server = http.createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { requests, bucket: await openBucket({ bucket: 'logs', endpoint }) }
}

function json(response: http.ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

test('a list goes on page by page, and no credentials are sent by plain http', async () => {
  const { bucket, requests } = await serving((request, response) => {
    const token = new URL(request.url!, 'http://a').searchParams.get('pageToken')
    const page = token === 'second' ? 2 : 1
    const more = page === 1 ? { nextPageToken: 'second' } : {}
    json(response, 200, { items: [{ name: `p/${page}`, generation: `${page}00` }], ...more })
  })
  const found = []
  for await (const object of bucket.list('p/', 'p/1')) found.push(object)
  expect(found).toEqual([
    { name: 'p/1', generation: '100' },
    { name: 'p/2', generation: '200' },
  ])
  const asked = requests.map(({ url }) => new URL(url!, 'http://a').searchParams)
  expect(asked.map((query) => [query.get('prefix'), query.get('startOffset')])).toEqual([
    ['p/', 'p/1'],
    ['p/', 'p/1'],
  ])
  expect(requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined])
})

test('a read that is aborted ends at once, though the storage goes on', async () => {
  const { bucket } = await serving((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"a":1}\n')
  })
  const stopping = new AbortController()
  const read = async () => {
    for await (const chunk of bucket.read('p/1', stopping.signal)) {
      expect(chunk.toString()).toBe('{"a":1}\n')
      stopping.abort()
    }
  }
  await expect(read()).rejects.toThrow('aborted')
})

test('a refusal rejects with its status, for a list and for a read', async () => {
  const { bucket } = await serving((_, response) => {
    json(response, 403, { error: { code: 403, message: 'no', errors: [{ reason: 'forbidden' }] } })
  })
  const signal = new AbortController().signal
  const first = async (each: AsyncIterable<unknown>) => {
    for await (const _ of each) return
  }
  await expect(first(bucket.list('p/'))).rejects.toMatchObject({
    code: 403,
    errors: [{ reason: 'forbidden' }],
  })
  await expect(first(bucket.read('p/1', signal))).rejects.toMatchObject({ code: 403 })
})
