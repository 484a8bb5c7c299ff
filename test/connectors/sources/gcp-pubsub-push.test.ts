import { expect, onTestFinished, test } from 'vitest'
import { gcpPubsubPush, gcpPubsubPushConfig } from '../../../connectors/sources/gcp-pubsub-push.ts'
import { freePort } from '../../services/ports.ts'
import { GoogleKey } from '../../support/google-identity.ts'
import { aLogEntry, insertIdOf } from '../../support/log-entry.ts'
import { aContext, type TestContext } from './a-context.ts'
import { hashKey, type Json } from './a-record.ts'

const audience = 'https://tfdrift.example.com/push'
const serviceAccount = 'pusher@tests.iam.gserviceaccount.com'
const ours = { aud: audience, email: serviceAccount }
const key = new GoogleKey()
const now = Math.floor(Date.now() / 1000)

async function listening(settings: Json = {}) {
  const port = await freePort()
  const certs = await key.serveCerts()
  const context = aContext()
  const config = gcpPubsubPushConfig.parse({
    port,
    audience,
    serviceAccount,
    certsUrl: certs.certsUrl,
    ...settings,
  })
  const source = gcpPubsubPush(config, { hashKey })
  await source.start(context)
  onTestFinished(async () => {
    await source.stop()
    certs.close()
  })
  const url = `http://127.0.0.1:${port}`
  const post = async (body: string, headers: Record<string, string> = {}, path = '/') => {
    const authorization = `Bearer ${key.pushToken(ours)}`
    const all = { 'content-type': 'application/json', authorization, ...headers }
    return (await fetch(url + path, { method: 'POST', headers: all, body })).status
  }
  return { url, context, source, post, certs }
}

function wrapped(data: string | undefined, changes: Json = {}): string {
  const message = {
    ...(data !== undefined && { data: Buffer.from(data).toString('base64') }),
    attributes: { 'logging.googleapis.com/timestamp': '2026-03-01T08:15:30Z' },
    messageId: '4711',
    message_id: '4711',
    publishTime: '2026-03-01T08:15:31Z',
    publish_time: '2026-03-01T08:15:31Z',
  }
  return JSON.stringify({ message, subscription: 'projects/tests/subscriptions/push', ...changes })
}

const entry = (insertId = 'one') => JSON.stringify(aLogEntry({ insertId }))
const events = (context: TestContext) => context.outputs.flatMap(({ events = [] }) => events)
const letters = (context: TestContext) => context.outputs.flatMap(({ deadLetters = [] }) => deadLetters)

test('a message in its wrapper is in the log', async () => {
  const { post, context } = await listening()
  expect(await post(wrapped(entry()))).toBe(204)
  expect(events(context).map(insertIdOf)).toEqual(['one'])
  expect(events(context)).toMatchObject([
    { provider: 'gcp', origin: 'projects/tests/subscriptions/push#4711#1' },
  ])
})

test('a message without its wrapper is in the log, named by its headers where they are written', async () => {
  const { post, context } = await listening()
  const metadata = {
    'x-goog-pubsub-subscription-name': 'projects/tests/subscriptions/push',
    'x-goog-pubsub-message-id': '4712',
  }
  expect(await post(entry('named'), metadata)).toBe(204)
  expect(await post(entry('unnamed'))).toBe(204)
  expect(events(context).map((event) => [insertIdOf(event), event.origin])).toEqual([
    ['named', 'projects/tests/subscriptions/push#4712#1'],
    ['unnamed', 'gcp-pubsub-push#1'],
  ])
})

test('it is acknowledged only after the log holds it', async () => {
  const { post, context } = await listening()
  let taken = () => {}
  const asked = new Promise<void>((resolve) => {
    context.whenEmitting = () => {
      resolve()
      return new Promise((done) => (taken = done))
    }
  })
  let answered = false
  const answer = post(wrapped(entry())).then((status) => {
    answered = true
    return status
  })
  await asked
  expect(answered).toBe(false)
  taken()
  expect(await answer).toBe(204)
})

test('while the log takes nothing it is to come again, and the fault is logged once', async () => {
  const { post, context } = await listening()
  context.whenEmitting = () => Promise.reject(new Error('a payload'))
  for (const _ of [1, 2]) expect(await post(wrapped(entry()))).toBe(503)
  expect(context.logged).toHaveLength(1)
  expect(JSON.stringify(context.logged)).not.toContain('a payload')
  context.whenEmitting = async () => {}
  expect(await post(wrapped(entry()))).toBe(204)
  expect(events(context)).toHaveLength(1)
})

test.each([
  ['no JSON', 'hello', 'not-json', 'hello'],
  ['a wrapper around no JSON', wrapped('hello'), 'not-json', 'hello'],
  ['a wrapper around nothing', wrapped(undefined), 'no-records', ''],
  [
    'another wrapper',
    '{"message":"a","subscription":"b"}',
    'no-records',
    '{"message":"a","subscription":"b"}',
  ],
  ['nothing', '', 'no-records', ''],
])(
  '%s becomes a dead letter, and is acknowledged: it would come again for ever',
  async (_, body, code, bytes) => {
    const { post, context } = await listening()
    expect(await post(body)).toBe(204)
    expect(letters(context)).toMatchObject([{ code, bytes: Buffer.from(bytes) }])
  },
)

test('a message of the largest size is read', async () => {
  const { post, context } = await listening()
  expect(await post(wrapped('x'.repeat(10_000_000)))).toBe(204)
  expect(letters(context)).toHaveLength(1)
})

const otherKey = new GoogleKey(key.kid)
const unsigned = (claims: Json) => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${encode({ alg: 'none', kid: key.kid })}.${encode(claims)}.`
}
const usual = {
  iss: 'https://accounts.google.com',
  iat: now,
  exp: now + 3_600,
  email_verified: true,
  ...ours,
}

test.each<[string, string, RegExp]>([
  ['no token', '', /missing; switch authentication on/],
  ['no Bearer token', 'Basic YTpi', /missing/],
  ['no JWT', 'Bearer abc', /not signed by Google/],
  ['a token without signature', `Bearer ${unsigned(usual)}`, /not signed by Google/],
  ['a token of another key', `Bearer ${otherKey.pushToken(ours)}`, /not signed by Google/],
  [
    'a token of a key that is not known',
    `Bearer ${new GoogleKey('key-2').pushToken(ours)}`,
    /not signed by Google/,
  ],
  [
    'a token of another issuer',
    `Bearer ${key.pushToken({ ...ours, iss: 'https://example.com' })}`,
    /not signed/,
  ],
  [
    'a token that is over',
    `Bearer ${key.pushToken({ ...ours, iat: now - 7_200, exp: now - 3_600 })}`,
    /expired, or not yet valid/,
  ],
  [
    'one for another audience',
    `Bearer ${key.pushToken({ ...ours, aud: 'https://a.example' })}`,
    /another audience/,
  ],
  [
    'one of another account',
    `Bearer ${key.pushToken({ ...ours, email: 'a@b.example' })}`,
    /another service account/,
  ],
  [
    'one of an e-mail that is not verified',
    `Bearer ${key.pushToken({ ...ours, email_verified: false })}`,
    /another/,
  ],
])('%s is refused, with the reason once in the log', async (_, authorization, reason) => {
  const { post, context } = await listening()
  for (const _ of [1, 2]) expect(await post(wrapped(entry()), { authorization })).toBe(401)
  expect(context.outputs).toEqual([])
  expect(context.logged).toMatchObject([{ level: 'error', message: 'a push was refused' }])
  expect(JSON.stringify(context.logged)).toMatch(reason)
  expect(JSON.stringify(context.logged)).not.toContain('eyJ')
})

test("Google's certificates are fetched once, and without them it is to come again", async () => {
  const { post, certs } = await listening()
  expect(await post(wrapped(entry()))).toBe(204)
  expect(await post(wrapped(entry()))).toBe(204)
  expect(certs.fetched()).toBe(1)
  const alone = await listening({ certsUrl: `http://127.0.0.1:${await freePort()}/certs` })
  expect(await alone.post(wrapped(entry()))).toBe(503)
  expect(JSON.stringify(alone.context.logged)).toContain("Google's certificates cannot be fetched")
})

test('behind a path secret nobody else is heard, but health is told to anybody', async () => {
  const pathSecret = 'a-path-of-the-tests'
  const { url, post, source } = await listening({ pathSecret })
  expect(await post(wrapped(entry()))).toBe(404)
  expect(await post(wrapped(entry()), {}, `/${pathSecret}/`)).toBe(204)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect(source.healthy()).toBe(true)
  await source.stop()
  expect(source.healthy()).toBe(false)
})

test('a token of its own is no setting of it: the header is Google’s', () => {
  const config = { port: 1, audience, serviceAccount, token: 'a-token-of-the-tests' }
  expect(gcpPubsubPushConfig.safeParse(config).success).toBe(false)
})
