import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:https'
import { onTestFinished } from 'vitest'
import { kafkaCertificates } from './kafka-security.ts'
import { freePort } from './ports.ts'

export const registryUser = { username: 'registry-user', password: 'registry-password' }

/**
 * The registry at `url` behind TLS and a password, as registries stand behind a proxy: what comes without the right
 * user gets 401 and goes no further. Returns the URL to use instead.
 */
export async function registryGate(url: string): Promise<string> {
  const { serverCert, serverKey } = await kafkaCertificates()
  const expected = `Basic ${Buffer.from(`${registryUser.username}:${registryUser.password}`).toString('base64')}`
  const target = new URL(url)
  const options = { cert: readFileSync(serverCert), key: readFileSync(serverKey) }
  const server = createServer(options, (incoming, outgoing) => {
    const { authorization, ...headers } = incoming.headers
    if (authorization !== expected) {
      incoming.resume()
      outgoing.writeHead(401, { 'content-type': 'application/json' }).end('{"error_code":401}')
      return
    }
    const { hostname, port } = target
    const { method, url: path } = incoming
    const passed = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    incoming.pipe(passed)
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `https://127.0.0.1:${port}${target.pathname}`
}
