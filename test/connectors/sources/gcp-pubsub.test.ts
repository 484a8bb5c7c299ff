import { readFileSync } from 'node:fs'
import https from 'node:https'
import path from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { checkGcpPubsub, gcpPubsub, gcpPubsubConfig } from '../../../connectors/sources/gcp-pubsub.ts'
import { kafkaCertificates } from '../../services/kafka-security.ts'
import { until } from '../../services/until.ts'
import { FakePubsub, type FakePubsubOptions } from '../../support/fake-pubsub.ts'
import { GoogleKey, subscriberOf } from '../../support/google-identity.ts'
import { aLogEntry, insertIdOf } from '../../support/log-entry.ts'
import { aContext, type TestContext } from './a-context.ts'
import { hashKey } from './a-record.ts'
import { tempFolder } from './temp-folder.ts'

const EMAIL = 'tfdrift@tests.iam.gserviceaccount.com'

async function aService(options: FakePubsubOptions = {}) {
  const service = new FakePubsub(options)
  const endpoint = await service.listen()
  onTestFinished(() => service.close())
  const config = gcpPubsubConfig.parse({ subscription: service.subscription, endpoint })
  return { service, config }
}

async function start(config: ReturnType<typeof gcpPubsubConfig.parse>, context = aContext()) {
  const source = gcpPubsub(config, { hashKey, pollMs: 5 })
  await source.start(context)
  onTestFinished(() => source.stop())
  return { source, context }
}

const ids = (context: TestContext) => context.outputs.flatMap(({ events = [] }) => events.map(insertIdOf))

test('what is published is in the log, and then acknowledged', async () => {
  const { service, config } = await aService()
  const id = service.publish(aLogEntry({ insertId: 'one' }), { 'logging.googleapis.com/timestamp': 'x' })
  const { context } = await start(config)
  await until('an empty subscription', () => service.left() === 0 || undefined)
  expect(ids(context)).toEqual(['one'])
  expect(context.outputs[0]!.events![0]!.origin).toBe(`${service.subscription}#${id}#1`)
})

test('what the log holds when a lease ends is delivered again, and has the same ids', async () => {
  const { service, config } = await aService()
  const context = aContext()
  let take = () => {}
  context.whenEmitting = () => new Promise((resolve) => (take = resolve))
  service.publish(aLogEntry({ insertId: 'slow' }))
  await start(config, context)
  await until('leased', () => service.calls.includes('pull 1') || undefined)
  service.expireLeases()
  await until('leased again', () => service.calls.filter((call) => call === 'pull 1').length > 1 || undefined)
  context.whenEmitting = async () => {}
  take()
  await until('an empty subscription', () => service.left() === 0 || undefined)
  expect(ids(context)).toEqual(['slow', 'slow'])
  expect(service.lateAcknowledgements).toBeGreaterThan(0)
})

test('stop ends a pull that waits, and leaves nothing leased', async () => {
  const { service, config } = await aService({ waitMs: 60_000 })
  const { source, context } = await start(config)
  await source.stop()
  service.publish(aLogEntry({ insertId: 'after' }))
  await start(config, context)
  await until('an empty subscription', () => service.left() === 0 || undefined)
  expect(service.calls.filter((call) => call.startsWith('pull'))).toEqual(['pull 1'])
  expect(context.logged).toEqual([])
})

test('while the log is away the source is unhealthy, and says so once', async () => {
  const { service, config } = await aService({ hastyBelowSeconds: 60 })
  const context = aContext()
  context.whenEmitting = () => Promise.reject(new Error('a payload'))
  service.publish(aLogEntry({ insertId: 'kept' }))
  const { source } = await start(config, context)
  await until(
    'three attempts',
    () => service.calls.filter((call) => call === 'pull 1').length > 3 || undefined,
  )
  expect(source.healthy()).toBe(false)
  expect(context.logged).toHaveLength(1)
  expect(JSON.stringify(context.logged)).not.toContain('a payload')
  context.whenEmitting = async () => {}
  await until('an empty subscription', () => service.left() === 0 || undefined)
  await until('healthy', () => source.healthy() || undefined)
})

test('a subscription that is not there is named, to `run` and to `doctor`', async () => {
  const { service, config } = await aService()
  service.exists = false
  const words = `gcp-pubsub: subscription: ${service.subscription}: there is no such thing; create it`
  await expect(start(config)).rejects.toThrow(words)
  expect(await checkGcpPubsub(config)).toMatchObject([
    { ok: false, policy: expect.stringContaining('--project=tests --member=serviceAccount:') },
  ])
  service.exists = true
  expect(await checkGcpPubsub(config)).toMatchObject([{ ok: true }])
})

test('nobody at the endpoint is an error that names it', async () => {
  const { service, config } = await aService()
  await service.close()
  await expect(start(config)).rejects.toThrow(/: ECONNREFUSED; look at the network and the endpoint/)
})

describe('with the key of a service account', () => {
  const key = new GoogleKey()

  async function withKey(signer = key): Promise<Awaited<ReturnType<typeof aService>>> {
    const { ca, serverCert, serverKey } = await kafkaCertificates()
    vi.stubEnv(
      'GOOGLE_APPLICATION_CREDENTIALS',
      signer.writeKeyFile(path.join(tempFolder(), 'key.json'), EMAIL),
    )
    const { ca: before } = https.globalAgent.options
    https.globalAgent.options.ca = readFileSync(ca)
    onTestFinished(() => {
      vi.unstubAllEnvs()
      https.globalAgent.options.ca = before
    })
    const tls = { cert: serverCert, key: serverKey }
    return await aService({ tls, authorize: subscriberOf(key, EMAIL) })
  }

  test('each call carries a token that it has signed', async () => {
    const { service, config } = await withKey()
    service.publish(aLogEntry({ insertId: 'one' }))
    const { context } = await start(config)
    await until('an empty subscription', () => service.left() === 0 || undefined)
    expect(ids(context)).toEqual(['one'])
    expect(await checkGcpPubsub(config)).toMatchObject([{ ok: true }])
  })

  test('a key that Google does not know is named', async () => {
    const { config } = await withKey(new GoogleKey())
    await expect(start(config)).rejects.toThrow('the Google credentials were refused (401 UNAUTHENTICATED)')
  })

  test('one without the role is named, with the role', async () => {
    const { config, service } = await withKey()
    service.exists = false
    await expect(start(config)).rejects.toThrow(
      'not permitted (403); grant roles/pubsub.subscriber on the subscription, if there is one',
    )
  })
})

describe('the fake refuses what Pub/Sub refuses', () => {
  async function post(endpoint: string, path: string, body: unknown, headers: Record<string, string> = {}) {
    const answer = await fetch(endpoint + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    const { error } = (await answer.json()) as { error?: { status: string } }
    return error?.status ?? answer.status
  }

  test.each([
    ['pull', {}, 'INVALID_ARGUMENT'],
    ['pull', { maxMessages: 0 }, 'INVALID_ARGUMENT'],
    ['pull', { maxMessages: 1_001 }, 'INVALID_ARGUMENT'],
    ['pull', { max: 1 }, 'INVALID_ARGUMENT'],
    ['pull', { maxMessages: 1 }, 200],
    ['acknowledge', { ackIds: [] }, 'INVALID_ARGUMENT'],
    ['acknowledge', { ackIds: ['made-up'] }, 'INVALID_ARGUMENT'],
    ['acknowledge', { ackIds: ['x'.repeat(530_000)] }, 'INVALID_ARGUMENT'],
    ['modifyAckDeadline', { ackIds: ['made-up'], ackDeadlineSeconds: 10 }, 'INVALID_ARGUMENT'],
    ['modifyAckDeadline', { ackIds: [], ackDeadlineSeconds: 601 }, 'INVALID_ARGUMENT'],
    ['seek', {}, 'NOT_FOUND'],
  ])(':%s, case %#', async (verb, body, expected) => {
    const { service, config } = await aService({ waitMs: 0 })
    expect(await post(config.endpoint!, `/v1/${service.subscription}:${verb}`, body)).toBe(expected)
  })

  test('calls without a token, of an unknown one, and without the role', async () => {
    const authorize = (token: string) =>
      (token === 'known' ? 'stranger' : 'unknown') as 'stranger' | 'unknown'
    const { service, config } = await aService({ authorize })
    const at = `/v1/${service.subscription}:pull`
    const statuses = []
    for (const headers of [{}, { authorization: 'Bearer no' }, { authorization: 'Bearer known' }])
      statuses.push(await post(config.endpoint!, at, { maxMessages: 1 }, headers as Record<string, string>))
    expect(statuses).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'PERMISSION_DENIED'])
  })
})
