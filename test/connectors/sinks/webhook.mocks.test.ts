import { lookup } from 'node:dns/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { alertJson } from '../../../connectors/alert-json.ts'
import { DeliveryError } from '../../../connectors/sink.ts'
import { webhookConfig, webhookSink } from '../../../connectors/sinks/webhook.ts'
import { aDiff, anAlert, aSignal } from '../an-alert.ts'
import { webhookReceiver } from './webhook-receiver.ts'

vi.mock('node:dns/promises', () => ({ lookup: vi.fn() }))

const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
const other = `whsec_${Buffer.alloc(64, 2).toString('base64')}`
const live = new AbortController().signal
const alert = alertJson(anAlert())

let receiver: Awaited<ReturnType<typeof webhookReceiver>>

beforeEach(async () => {
  receiver = await webhookReceiver(secret)
})

afterEach(async () => {
  vi.restoreAllMocks()
  vi.mocked(lookup).mockReset()
  await receiver.close()
})

type Options = Partial<Parameters<typeof webhookSink>[0]>
const post = (options: Options = {}, alerts = [alert]) =>
  webhookSink({ url: receiver.url, secret, ...options }).deliver(alerts, live)

async function refusalOf(delivery: Promise<void>): Promise<DeliveryError> {
  const error = await delivery.then(
    () => expect.fail('the webhook was accepted'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(DeliveryError)
  return error as DeliveryError
}

describe('a request', () => {
  it('carries the alert itself as its body, signed, under ALERT_ID:STATUS', async () => {
    await post()
    expect(receiver.complaints).toEqual([])
    expect(JSON.parse(receiver.accepted[0]!.body)).toEqual(alert)
    expect(receiver.accepted[0]!.id).toBe(`${alert.id}:open`)
  })

  it('carries a signal, whose resource is null', async () => {
    const signal = alertJson(aSignal())
    await post({}, [signal])
    expect(JSON.parse(receiver.accepted[0]!.body)).toEqual({ ...signal, resource: null })
    expect(receiver.accepted[0]!.id).toBe(`${signal.id}:open`)
  })

  it('keeps its id and takes a new time when it is sent again', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 60_000 })
    await post()
    vi.useRealTimers()
    await post()
    const [first, second] = receiver.accepted.map((one) => one.headers)
    expect(second!['webhook-id']).toBe(first!['webhook-id'])
    expect(Number(second!['webhook-timestamp']) - Number(first!['webhook-timestamp'])).toBeGreaterThanOrEqual(
      60,
    )
  })

  it('is signed with every secret while one is being replaced', async () => {
    await post({ secret: [other, secret] })
    expect(receiver.accepted[0]!.headers['webhook-signature']).toMatch(/^v1,\S{44} v1,\S{44}$/)
  })

  it('is refused by a receiver that holds another secret', async () => {
    expect((await refusalOf(post({ secret: other }))).retryable).toBe(false)
    expect(receiver.complaints).toEqual(['No matching signature found'])
  })

  it('has the bytes of a plain secret as its key', async () => {
    const plain = 'a secret that came by telephone'
    const keyed = await webhookReceiver(`whsec_${Buffer.from(plain).toString('base64')}`)
    await webhookSink({ url: keyed.url, secret: plain }).deliver([alert], live)
    expect(keyed.accepted).toHaveLength(1)
    await keyed.close()
  })

  it('is signed over the bytes that are sent, whatever characters they hold', async () => {
    await post({}, [alertJson(anAlert({ message: 'Zoë 变更 🚧 \u2028 \ud800 "x"' }))])
    expect(receiver.accepted).toHaveLength(1)
  })

  it('carries the headers of the configuration, which cannot replace its own', async () => {
    await post({
      headers: { Authorization: 'Bearer t', 'Webhook-Id': 'forged', 'content-type': 'text/plain' },
    })
    expect(receiver.accepted[0]!.headers).toMatchObject({
      authorization: 'Bearer t',
      'user-agent': 'tfdrift-streams',
    })
    expect(receiver.accepted[0]!.id).toBe(`${alert.id}:open`)
  })

  it('holds no value of a sensitive diff', async () => {
    const diffs = [aDiff({ oldValue: 'hunter1', newValue: 'hunter2', sensitive: true })]
    await post({}, [alertJson(anAlert({ diffs }))])
    expect(receiver.accepted[0]!.body).toContain('"sensitive":true')
    expect(receiver.accepted[0]!.body).not.toContain('hunter')
  })

  it('has no signature where no secret is configured', async () => {
    const headers = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(null, { status: 204 }))
    await webhookSink({ url: receiver.url }).deliver([alert], live)
    const sent = headers.mock.calls[0]![1]!.headers as Headers
    expect([sent.has('webhook-id'), sent.has('webhook-signature')]).toEqual([true, false])
  })

  it('uses its connection again', async () => {
    receiver.answer((response) => response.writeHead(200).end('thank you'))
    for (let index = 0; index < 10; index++) await post()
    expect(receiver.connections()).toBeLessThan(5)
  })
})

describe('an answer', () => {
  it.each([408, 429, 500, 502, 503, 504])('of %i may be tried again', async (status) => {
    receiver.answer((response) => response.writeHead(status).end())
    expect(await refusalOf(post())).toMatchObject({ retryable: true, retryAfterMs: null })
  })

  it.each([400, 401, 403, 404, 410, 413, 422])('of %i may not', async (status) => {
    receiver.answer((response) => response.writeHead(status).end())
    expect((await refusalOf(post())).retryable).toBe(false)
  })

  it('that redirects is not followed, and says what to do', async () => {
    const elsewhere = await webhookReceiver(secret)
    for (const status of [301, 302, 307, 308]) {
      receiver.answer((response) => response.writeHead(status, { location: elsewhere.url }).end())
      const error = await refusalOf(post())
      expect(error.retryable).toBe(false)
      expect(error.message).toContain('configure the address that it leads to')
    }
    expect(elsewhere.connections()).toBe(0)
    await elsewhere.close()
  })

  it('may ask for a wait in seconds or until a date', async () => {
    receiver.answer((response) => response.writeHead(429, { 'retry-after': '7' }).end())
    expect((await refusalOf(post())).retryAfterMs).toBe(7000)
    const date = new Date(Date.now() + 60_000).toUTCString()
    receiver.answer((response) => response.writeHead(503, { 'retry-after': date }).end())
    const { retryAfterMs } = await refusalOf(post())
    expect(retryAfterMs).toBeGreaterThan(50_000)
    expect(retryAfterMs).toBeLessThanOrEqual(60_000)
  })

  it('is judged by its status: a body that never ends delays nothing', async () => {
    receiver.answer((response) => {
      response.writeHead(200).write('…')
    })
    await post()
    expect(receiver.accepted).toHaveLength(1)
  })

  it('is quoted nowhere, nor is the path of the URL', async () => {
    receiver.answer((response) => response.writeHead(500).end('you sent hunter2'))
    const { message } = await refusalOf(post())
    expect(message).toBe(`http://127.0.0.1:${receiver.port} answered 500`)
  })
})

it('may be tried again where there is no connection', async () => {
  await receiver.close()
  const error = await refusalOf(post())
  expect(error.retryable).toBe(true)
  expect(error.message).toBe(`http://127.0.0.1:${receiver.port} cannot be reached: ECONNREFUSED`)
})

it('may be tried again where the peer hangs up', async () => {
  receiver.answer((response) => response.destroy())
  expect((await refusalOf(post())).retryable).toBe(true)
})

describe('a host name', () => {
  const named = () => `http://receiver.example:${receiver.port}/`
  const resolveTo = (...addresses: string[]) =>
    vi.mocked(lookup).mockResolvedValue(addresses.map((address) => ({ address, family: 4 })) as never)

  it('that leads to a private address is refused for good, before anything is sent', async () => {
    resolveTo('93.184.216.34', '169.254.169.254')
    const fetched = vi.spyOn(globalThis, 'fetch')
    const error = await refusalOf(post({ url: named() }))
    expect(error.retryable).toBe(false)
    expect(error.message).toMatch(/169\.254\.169\.254: set allowPrivate: true/)
    expect(fetched).not.toHaveBeenCalled()
  })

  it('that leads to a private address is taken where that is allowed', async () => {
    resolveTo('10.0.0.5')
    vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(null, { status: 202 }))
    await expect(post({ url: named(), allowPrivate: true })).resolves.toBeUndefined()
  })

  it('that leads to a public address is taken', async () => {
    resolveTo('93.184.216.34')
    vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(null, { status: 202 }))
    await expect(post({ url: named() })).resolves.toBeUndefined()
  })

  it('that does not resolve may be tried again', async () => {
    vi.mocked(lookup).mockRejectedValue(Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' }))
    const error = await refusalOf(post({ url: named() }))
    expect(error.message).toBe(`http://receiver.example:${receiver.port} cannot be resolved: EAI_AGAIN`)
    expect(error.retryable).toBe(true)
  })

  it('of localhost is taken as meant', async () => {
    const looked = resolveTo('127.0.0.1')
    vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(null, { status: 202 }))
    await post({ url: `http://localhost:${receiver.port}/` })
    expect(looked).not.toHaveBeenCalled()
  })
})

describe('the configuration', () => {
  const faultsOf = (config: object) =>
    webhookConfig
      .safeParse({ url: 'https://example.com/x', ...config })
      .error?.issues.map((issue) => issue.path[0])

  it.each([
    ['a URL of another scheme', { url: 'ftp://example.com' }, 'url'],
    ['text that is no URL', { url: 'example.com/hook' }, 'url'],
    ['a URL with credentials', { url: 'https://user:pass@example.com' }, 'url'],
    ['a secret that is too short', { secret: 'whsec_c2hvcnQ=' }, 'secret'],
    ['a secret that is not base64', { secret: `whsec_${'*'.repeat(40)}` }, 'secret'],
    ['an empty secret', { secret: '' }, 'secret'],
    ['no secret in a list', { secret: [] }, 'secret'],
    ['a header with a line break', { headers: { 'x-team': 'a\nb' } }, 'headers'],
    ['a header with a bad name', { headers: { 'x team': 'a' } }, 'headers'],
  ])('refuses %s', (_, config, field) => {
    expect(faultsOf(config)).toEqual([field])
  })

  it('takes secrets with and without padding', () => {
    expect(faultsOf({ secret: [secret, other, other.replace(/=+$/, '')] })).toBeUndefined()
  })
})
