import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'vitest'

/** A server behind a proxy that can be made to fail. */
export interface FaultyGate {
  url: string
  /** While true nothing reaches the server. */
  fails: boolean
  /** So many requests were answered with the fault. */
  refused: number
}

/** What the server would answer if the fault were its own. */
export interface Fault {
  status: number
  headers: Record<string, string>
  body: string
}

/** It ends with the test. */
export async function faultyGate(
  target: URL,
  { status, headers: faultHeaders, body }: Fault,
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
): Promise<FaultyGate> {
  const gate = { url: '', fails: false, refused: 0 }
  const server = createServer((incoming, outgoing) => {
    if (gate.fails) {
      gate.refused++
      incoming.resume()
      return outgoing.writeHead(status, faultHeaders).end(body)
    }
    const { method, url, headers } = incoming
    const passed = request(
      { hostname: target.hostname, port: target.port, method, path: url, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      },
    )
    passed.on('error', () => outgoing.destroy())
    return incoming.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  gate.url = `http://127.0.0.1:${port}${target.pathname === '/' ? '' : target.pathname}`
  return gate
}
