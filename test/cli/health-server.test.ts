import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type HealthServer, type HealthServerOptions, startHealthServer } from '../../cli/health-server.ts'
import { createMetrics } from '../../streams/metrics.ts'

let server: HealthServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function start(options: Partial<HealthServerOptions> = {}): Promise<string> {
  server = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    metrics: createMetrics(),
    live: () => [],
    ready: () => [],
    ...options,
  })
  return `http://127.0.0.1:${server.port}`
}

test('/metrics is in the Prometheus text format', async () => {
  const answer = await fetch(`${await start()}/metrics`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(await answer.text()).toContain('# TYPE tfdrift_events_total counter')
})

test.each(['/livez', '/healthz', '/readyz', '/readyz?verbose'])(
  '%s is ok without problems',
  async (route) => {
    const answer = await fetch((await start()) + route)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({ status: 'ok', problems: [] })
  },
)

test('/readyz says why the process is not ready, while it is live', async () => {
  const problem = { component: 'table:state-snapshot', reason: 'still reading, 1200 records behind' }
  const url = await start({ ready: () => [problem] })
  const answer = await fetch(`${url}/readyz`)
  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual({ status: 'unavailable', problems: [problem] })
  expect((await fetch(`${url}/livez`)).status).toBe(200)
})

test('/readyz tells what should be mended, though the process is ready', async () => {
  const warning = {
    component: 'rules',
    reason: 'those from before the last change are in use: mine.yaml:3:5',
  }
  const url = await start({ warnings: () => [warning] })
  const answer = await fetch(`${url}/readyz`)
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ status: 'ok', problems: [], warnings: [warning] })
  expect(await (await fetch(`${url}/livez`)).json()).toEqual({ status: 'ok', problems: [] })
})

test('/livez and /healthz fail together', async () => {
  const url = await start({ live: () => [{ component: 'processor', reason: 'crashed' }] })
  expect((await fetch(`${url}/livez`)).status).toBe(503)
  expect((await fetch(`${url}/healthz`)).status).toBe(503)
})

test('the probes are asked anew each time', async () => {
  let ready = false
  const url = await start({ ready: () => (ready ? [] : [{ component: 'x', reason: 'y' }]) })
  expect((await fetch(`${url}/readyz`)).status).toBe(503)
  ready = true
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
})

test('there is no other route', async () => {
  const url = await start()
  for (const route of ['/', '/metrics/', '/livez/x', '/debug', '//livez']) {
    expect((await fetch(url + route)).status).toBe(404)
  }
})

test('only GET and HEAD are allowed', async () => {
  const url = await start()
  const answer = await fetch(`${url}/livez`, { method: 'POST', body: 'x' })
  expect(answer.status).toBe(405)
  expect(answer.headers.get('allow')).toBe('GET, HEAD')
  const head = await fetch(`${url}/livez`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
})

test('a probe that throws is an internal error that says nothing of it', async () => {
  const url = await start({
    live: () => {
      throw new Error('secret')
    },
  })
  const answer = await fetch(`${url}/livez`)
  expect([answer.status, await answer.text()]).toEqual([500, '{"status":"error"}\n'])
})

test('a port in use is named with the fix', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  await expect(start({ port })).rejects.toThrow(
    `http: cannot listen on 127.0.0.1:${port}: the port is in use; stop what listens there or set another http.port`,
  )
  await new Promise((resolve) => other.close(resolve))
})

test('an address of another machine is named with the fix', async () => {
  await expect(start({ host: '192.0.2.1' })).rejects.toThrow(
    'http: cannot listen on 192.0.2.1:0: this machine has no such address; correct http.host',
  )
})

test('after close nothing answers, and close does not wait for idle connections', async () => {
  const url = await start()
  await fetch(`${url}/livez`)
  await server!.close()
  await expect(fetch(`${url}/livez`)).rejects.toThrow()
})
