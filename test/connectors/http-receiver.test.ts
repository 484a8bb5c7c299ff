import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import net from 'node:net'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { type ReceiverOptions, type Route, startReceiver } from '../../connectors/http-receiver.ts'
import { tempFolder } from './sources/temp-folder.ts'

const TOKEN = 'a-token-of-the-tests'
const SECRET = 'a-path-of-the-tests'

/** Answers 202 with what it was given. */
const echo: Route = {
  method: 'POST',
  path: '/events',
  handle: async ({ body }) => ({ status: 202, body: body.toString() }),
}
const ping: Route = {
  method: 'GET',
  path: '/ping',
  open: true,
  handle: async () => ({ status: 200, body: 'pong' }),
}

async function receiver(more: Partial<ReceiverOptions> = {}) {
  const routes = [echo, ping]
  const started = await startReceiver({ name: 'test', host: '127.0.0.1', port: 0, routes, ...more })
  onTestFinished(() => started.close())
  return { ...started, url: `http://127.0.0.1:${started.port}` }
}

function post(
  url: string,
  body: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers })
}

test('what is posted reaches the handler, whose status is the answer', async () => {
  const { url } = await receiver()
  const answer = await post(`${url}/events?source=falco`, '{"a":1}')
  expect([answer.status, await answer.text()]).toEqual([202, '{"a":1}'])
})

test('a gzipped body is unpacked', async () => {
  const { url } = await receiver()
  const answer = await post(`${url}/events`, gzipSync('{"a":1}'), { 'content-encoding': 'gzip' })
  expect(await answer.text()).toBe('{"a":1}')
})

test.each([
  ['a body that is too large', 'x'.repeat(1_001), {}, 413],
  ['a gzip that unpacks to too much', gzipSync('x'.repeat(1_000_000)), { 'content-encoding': 'gzip' }, 413],
  ['a damaged gzip', 'no gzip', { 'content-encoding': 'gzip' }, 400],
  ['an encoding that nobody speaks', 'x', { 'content-encoding': 'br' }, 415],
])('%s is refused, and never reaches the handler', async (_, body, headers, status) => {
  let reached = false
  const handle = async () => {
    reached = true
    return { status: 202 }
  }
  const { url } = await receiver({ maxBytes: 1_000, routes: [{ ...echo, handle }] })
  expect((await post(`${url}/events`, body, headers as Record<string, string>)).status).toBe(status)
  expect(reached).toBe(false)
})

test('a body of unknown length is cut off at the limit of 1 MiB', async () => {
  const { port } = await receiver()
  const socket = net.connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('POST /events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
  socket.write(`200000\r\n${'x'.repeat(0x200000)}`)
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 413 .*connection: close/is)
  socket.destroy()
})

test('paths and methods that are not there are 404 and 405', async () => {
  const { url } = await receiver()
  expect((await post(`${url}/other`, '')).status).toBe(404)
  const answer = await fetch(`${url}/events`)
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
})

test('with a token, only its bearer is let in; open routes answer everybody', async () => {
  const { url } = await receiver({ token: TOKEN })
  const status = async (authorization?: string) =>
    (await post(`${url}/events`, '', authorization ? { authorization } : {})).status
  expect(await status()).toBe(401)
  expect(await status(`Bearer ${TOKEN}x`)).toBe(401)
  expect(await status(`Basic ${TOKEN}`)).toBe(401)
  expect(await status(`Bearer ${TOKEN}`)).toBe(202)
  expect(await (await fetch(`${url}/ping`)).text()).toBe('pong')
})

test('with a path secret, the paths are behind it', async () => {
  const { url } = await receiver({ pathSecret: SECRET })
  expect((await post(`${url}/events`, '')).status).toBe(404)
  expect((await post(`${url}/${SECRET}x/events`, '')).status).toBe(404)
  expect((await post(`${url}/${SECRET}/events`, '')).status).toBe(202)
  expect((await fetch(`${url}/ping`)).status).toBe(200)
})

test('callers that authenticate in a way of their own are asked first', async () => {
  const { url } = await receiver({ verify: async ({ authorization }) => authorization === 'Bearer jwt' })
  expect((await post(`${url}/events`, '')).status).toBe(401)
  expect((await post(`${url}/events`, '', { authorization: 'Bearer jwt' })).status).toBe(202)
})

test('a handler that fails answers 503, without a word of why', async () => {
  const handle = async () => {
    throw new Error('broker 10.0.0.1 is away')
  }
  const { url } = await receiver({ routes: [{ ...echo, handle }] })
  const answer = await post(`${url}/events`, '')
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await answer.text()).not.toContain('broker')
})

test('a host beyond loopback needs a protection; the error names the fields', async () => {
  const options = { name: 'falco-http', host: '0.0.0.0', port: 0, routes: [echo] }
  await expect(startReceiver(options)).rejects.toThrow(
    /^falco-http: host: 0\.0\.0\.0 .*set token, pathSecret or tls\.ca/,
  )
  for (const protection of [{ token: TOKEN }, { pathSecret: SECRET }, { verify: async () => true }]) {
    await (await startReceiver({ ...options, ...protection })).close()
  }
})

test('a port that is taken is named, with the fix', async () => {
  const { port } = await receiver()
  await expect(receiver({ port })).rejects.toThrow(`test: 127.0.0.1:${port}: port: another program has it`)
})

test('close waits for the requests under way, and takes no others', async () => {
  let answer = () => {}
  let reach = () => {}
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  const handle = async () => {
    reach()
    await new Promise<void>((resolve) => {
      answer = resolve
    })
    return { status: 202 }
  }
  const { url, close } = await receiver({ routes: [{ ...echo, handle }] })
  const posted = post(`${url}/events`, '')
  await reached
  let closed = false
  const closing = close().then(() => {
    closed = true
  })
  await expect(post(`${url}/events`, '')).rejects.toThrow()
  expect(closed).toBe(false)
  answer()
  expect((await posted).status).toBe(202)
  await closing
})

test('over TLS with a ca, only callers with a certificate of it are let in', async () => {
  const pki = certificates()
  const { port } = await receiver({ host: '0.0.0.0', tls: pki.server })
  const ca = readFileSync(pki.server.ca)
  const client = { cert: readFileSync(pki.client.cert), key: readFileSync(pki.client.key) }
  expect(await statusOver(port, { ca, ...client })).toBe(202)
  await expect(statusOver(port, { ca })).rejects.toThrow()
  const foreign = certificates().client
  const stranger = { cert: readFileSync(foreign.cert), key: readFileSync(foreign.key) }
  await expect(statusOver(port, { ca, ...stranger })).rejects.toThrow()
})

test('TLS without a ca asks nobody for a certificate, and so protects no host', async () => {
  const { ca, ...tls } = certificates().server
  await expect(receiver({ host: '0.0.0.0', tls })).rejects.toThrow(/set token/)
  const { port } = await receiver({ host: '0.0.0.0', tls, token: TOKEN })
  expect(await statusOver(port, { ca: readFileSync(ca) })).toBe(401)
})

test('certificates that cannot be used are named', async () => {
  const { server } = certificates()
  const missing = { ...server, key: '/nowhere/key.pem' }
  await expect(receiver({ tls: missing })).rejects.toThrow(
    'test: tls.key: /nowhere/key.pem: cannot be read (ENOENT); correct the path or allow it',
  )
  writeFileSync(server.key, 'no key')
  await expect(receiver({ tls: server })).rejects.toThrow(/^test: tls: cert, key and ca must be PEM files/)
})

function statusOver(port: number, tls: https.RequestOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = {
      ...tls,
      host: '127.0.0.1',
      port,
      path: '/events',
      method: 'POST',
      agent: false as const,
    }
    https
      .request(options, (response) => {
        response.resume()
        resolve(response.statusCode!)
      })
      .on('error', reject)
      .end()
  })
}

/** A certificate authority of its own, with a server for 127.0.0.1 and a client. */
function certificates() {
  const folder = tempFolder()
  const at = (name: string) => path.join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...fresh, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=ca', '-days', '2')
  for (const name of ['server', 'client']) {
    openssl('req', ...fresh, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    writeFileSync(at('extensions'), 'subjectAltName=IP:127.0.0.1')
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'extensions']
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, '-days', '2', ...signed)
  }
  return {
    server: { cert: at('server.pem'), key: at('server.key'), ca: at('ca.pem') },
    client: { cert: at('client.pem'), key: at('client.key') },
  }
}
