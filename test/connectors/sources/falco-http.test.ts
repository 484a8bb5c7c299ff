import { expect, onTestFinished, test } from 'vitest'
import { falcoHttp, falcoHttpConfig } from '../../../connectors/sources/falco-http.ts'
import { freePort } from '../../services/ports.ts'
import { aContext } from './a-context.ts'
import { hashKey, type Json } from './a-record.ts'
import { aFinding } from './formats/a-falco-finding.ts'

async function listening(settings: Json = {}) {
  const port = await freePort()
  const context = aContext()
  const source = falcoHttp(falcoHttpConfig.parse({ port, ...settings }), { hashKey })
  await source.start(context)
  onTestFinished(() => source.stop())
  const url = `http://127.0.0.1:${port}`
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  return { url, port, context, source, post }
}

test.each(['/', '/api/v1/falco/events'])('what Falco posts to %s is in the log', async (path) => {
  const { post, context } = await listening()
  expect((await post(path, aFinding())).status).toBe(202)
  expect(context.outputs).toMatchObject([{ events: [{ name: 'ModifyInstanceAttribute', provider: 'aws' }] }])
})

test('202 is answered only after the log holds the finding', async () => {
  const { post, context } = await listening()
  let taken = () => {}
  const asked = new Promise<void>((resolve) => {
    context.whenEmitting = () => {
      resolve()
      return new Promise((done) => {
        taken = done
      })
    }
  })
  let answered = false
  const answer = post('/', aFinding()).then(({ status }) => {
    answered = true
    return status
  })
  await asked
  expect(answered).toBe(false)
  taken()
  expect(await answer).toBe(202)
})

test('while the log takes nothing the caller is to come again, and the fault is logged once', async () => {
  const { post, context } = await listening()
  context.whenEmitting = () => Promise.reject(new Error('a payload'))
  for (const _ of [1, 2]) expect((await post('/', aFinding())).status).toBe(503)
  expect(context.logged).toHaveLength(1)
  expect(JSON.stringify(context.logged)).not.toContain('a payload')
  context.whenEmitting = async () => {}
  expect((await post('/', aFinding())).status).toBe(202)
})

test.each([
  ['no JSON', 'Warning: a shell', 'not-json', /not JSON/],
  ['another object', { hello: 'world' }, 'no-records', /no known form/],
  ['no fields', aFinding({}, { output_fields: undefined }), 'no-output-fields', /json_include_output_fields/],
])('%s is refused with the reason, and kept as a dead letter', async (_, body, code, reason) => {
  const { post, context } = await listening()
  const answer = await post('/', body)
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringMatching(reason)])
  expect(context.outputs).toMatchObject([{ events: [], deadLetters: [{ code }] }])
})

test('an empty body is refused', async () => {
  const { post, context } = await listening()
  expect((await post('/', '')).status).toBe(400)
  expect(context.outputs).toEqual([])
})

test('without the token nothing is taken, but health is told', async () => {
  const token = 'a-token-of-the-tests'
  const { url, post, context } = await listening({ token })
  expect((await post('/', aFinding())).status).toBe(401)
  expect(context.outputs).toEqual([])
  expect((await post('/', aFinding(), { authorization: `Bearer ${token}` })).status).toBe(202)
  expect(await (await fetch(`${url}/ping`)).text()).toBe('pong')
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' })
})

test('a port that another program has is named', async () => {
  const { port } = await listening()
  const second = falcoHttp(falcoHttpConfig.parse({ port }), { hashKey })
  await expect(second.start(aContext())).rejects.toThrow(/^falco-http: .*port: another program has it/)
  expect(second.healthy()).toBe(false)
})

test('it is healthy while it listens', async () => {
  const { source, post } = await listening()
  expect(source.healthy()).toBe(true)
  await source.stop()
  expect(source.healthy()).toBe(false)
  await expect(post('/', aFinding())).rejects.toThrow()
})
