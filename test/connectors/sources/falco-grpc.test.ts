import { status } from '@grpc/grpc-js'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { openOutputs } from '../../../connectors/sources/falco/outputs-client.ts'
import { checkFalcoGrpc, falcoGrpc, falcoGrpcConfig } from '../../../connectors/sources/falco-grpc.ts'
import { readEvents } from '../../../connectors/sources/read-events.ts'
import { type KafkaCertificates, kafkaCertificates } from '../../services/kafka-security.ts'
import { freePort } from '../../services/ports.ts'
import { until } from '../../services/until.ts'
import { aContext, type TestContext } from './a-context.ts'
import { hashKey, type Json } from './a-record.ts'
import { aWireFinding } from './falco/a-wire-finding.ts'
import { FakeFalco, type FakeFalcoOptions } from './falco/fake-falco.ts'
import { aFinding } from './formats/a-falco-finding.ts'
import { tempFolder } from './temp-folder.ts'

let pki: KafkaCertificates
beforeAll(async () => {
  pki = await kafkaCertificates()
})

async function falcoAt(options: FakeFalcoOptions): Promise<FakeFalco> {
  const falco = new FakeFalco(options)
  await falco.start()
  onTestFinished(() => falco.kill())
  return falco
}

async function onSocket() {
  const address = `unix://${tempFolder()}/falco.sock`
  return { address, falco: await falcoAt({ address }) }
}

async function overTls() {
  const address = `127.0.0.1:${await freePort()}`
  const falco = await falcoAt({ address, tls: { ca: pki.ca, cert: pki.serverCert, key: pki.serverKey } })
  return { falco, address, tls: { ca: pki.ca, cert: pki.clientCert, key: pki.clientKey } }
}

async function reading(settings: Json, context = aContext()) {
  const source = falcoGrpc(falcoGrpcConfig.parse(settings), { hashKey, pollMs: 10 })
  await source.start(context)
  onTestFinished(() => source.stop())
  return { source, context }
}

const eventsIn = ({ outputs }: TestContext) => outputs.flatMap(({ events = [] }) => events)
const faultsIn = ({ logged }: TestContext) => logged.filter(({ level }) => level === 'error')
const firstEvent = (context: TestContext) => until('an event in the log', () => eventsIn(context)[0])
const many = (count: number) =>
  Array.from({ length: count }, (_, i) => aWireFinding({ 'ct.id': `id-${i}`, 'ct.request': big }))
const big = JSON.stringify({ instanceId: 'i-0abc', text: 'x'.repeat(20_000) })

test.each(['call', 'signal'])('what Falco gives is the event of what it posts: a %s', async (kind) => {
  const fields = kind === 'call' ? {} : { 'ct.name': null, 'proc.name': 'bash' }
  const { falco, address } = await onSocket()
  falco.queue.push(aWireFinding(fields))
  const { context } = await reading({ address })
  const { payload: _, receivedAt: __, origin: ___, ...event } = await firstEvent(context)
  const [posted] = await readEvents(Buffer.from(JSON.stringify(aFinding(fields))), {
    origin: '',
    receivedAt: 0,
    hashKey,
  })
  expect({ event: { payload: '', receivedAt: 0, origin: '#1', ...event } }).toEqual({
    event: { ...(posted as { event: object }).event, payload: '', origin: '#1' },
  })
})

test('the whole finding arrives, its absent fields as nothing', async () => {
  const { falco, address } = await onSocket()
  falco.queue.push(
    aWireFinding({ 'ct.name': null, 'proc.name': 'bash' }, { nanos: 5, priority: 6, tags: ['a', 'b'] }),
  )
  const { context } = await reading({ address })
  const { payload } = await firstEvent(context)
  expect(JSON.parse(payload)).toMatchObject({
    time: '2026-03-01T10:00:01.000000005Z',
    priority: 'Informational',
    rule: 'AWS instance attribute changed',
    source: 'aws_cloudtrail',
    hostname: 'falco-0',
    tags: ['a', 'b'],
    output_fields: { 'ct.name': null, 'proc.name': 'bash', 'evt.time': '1772359201000000000' },
  })
})

test('what cannot be read is a dead letter, and the next is read', async () => {
  const { falco, address } = await onSocket()
  falco.queue.push(aWireFinding({}, { fields: {} }), aWireFinding({ 'ct.request': '{"cut' }), aWireFinding())
  const { context } = await reading({ address })
  await firstEvent(context)
  const letters = context.outputs.flatMap(({ deadLetters = [] }) => deadLetters)
  expect(letters.map(({ code, origin }) => [code, origin])).toEqual([
    ['no-output-fields', 'falco-grpc#1'],
    ['not-json', 'falco-grpc#2'],
  ])
})

test('over mutual TLS it reads as over the socket', async () => {
  const { falco, address, tls } = await overTls()
  falco.queue.push(aWireFinding())
  const { context } = await reading({ address, tls })
  expect(await firstEvent(context)).toMatchObject({ name: 'ModifyInstanceAttribute' })
})

test('what stands in the way is said by the start and by doctor, with the setting and the fix', async () => {
  const { address, tls } = await overTls()
  const port = await freePort()
  const other = { ca: pki.ca, cert: pki.otherCa, key: pki.otherCa.replace('.pem', '.key') }
  const faults: [settings: object, problem: RegExp, fix: RegExp][] = [
    [{ address: 'unix:///no/falco.sock' }, /^falco-grpc: address: .*no such socket/, /start Falco \(0\.43/],
    [{ address: `127.0.0.1:${port}`, tls }, /^falco-grpc: address: .*nobody listens/, /start Falco/],
    [{ address, tls: other }, /^falco-grpc: tls: .*refuses the certificate/, /root_certs has signed/],
    [
      { address, tls: { ...tls, ca: pki.otherCa } },
      /^falco-grpc: tls\.ca: .*another authority/,
      /name its file/,
    ],
    [
      { address, tls: { ...tls, key: pki.serverKey } },
      /^falco-grpc: tls: .*the key that of the cert/,
      /correct/,
    ],
    [
      { address, tls: { ...tls, cert: '/no/a.pem' } },
      /^falco-grpc: tls\.cert: \/no\/a\.pem: .*ENOENT/,
      /correct/,
    ],
  ]
  for (const [settings, problem, fix] of faults) {
    const config = falcoGrpcConfig.parse(settings)
    const source = falcoGrpc(config, { hashKey, pollMs: 10 })
    await expect(source.start(aContext())).rejects.toThrow(problem)
    expect(source.healthy()).toBe(false)
    const [check] = await checkFalcoGrpc(config)
    expect(check).toMatchObject({
      ok: false,
      problem: expect.stringMatching(problem),
      fix: expect.stringMatching(fix),
    })
  }
})

test("a certificate of Falco's for another name is refused", async () => {
  const address = `127.0.0.2:${await freePort()}`
  await falcoAt({ address, tls: { ca: pki.ca, cert: pki.serverCert, key: pki.serverKey } })
  const tls = { ca: pki.ca, cert: pki.clientCert, key: pki.clientKey }
  await expect(reading({ address, tls })).rejects.toThrow(/certificate is for another name/)
})

test('a Falco without the service, as 0.44 is, is told', async () => {
  const { falco, address } = await onSocket()
  falco.fault = { code: status.UNIMPLEMENTED, details: '' }
  const { source, context } = await reading({ address })
  await until('unhealthy', () => !source.healthy() || undefined)
  expect(faultsIn(context)[0]?.fields.error).toMatch(/Falco 0\.44 and later have not; use falco-http/)
})

test('doctor says which Falco answers, and takes nothing from it', async () => {
  const { falco, address } = await onSocket()
  falco.queue.push(aWireFinding())
  expect(await checkFalcoGrpc(falcoGrpcConfig.parse({ address }))).toEqual([
    { what: `Falco at ${address}, version 0.43.0`, ok: true },
  ])
  expect([falco.queue.length, falco.polls]).toEqual([1, 0])
})

test('while the log is slow, Falco keeps the rest', async () => {
  const { falco, address } = await onSocket()
  falco.queue.push(...many(400))
  const context = aContext()
  let take = () => {}
  const asked = new Promise<void>((resolve) => {
    context.whenEmitting = () => {
      resolve()
      return new Promise((done) => {
        take = done
      })
    }
  })
  await reading({ address }, context)
  await asked
  let left = falco.queue.length
  await until('Falco writes no more', () => {
    const before = left
    left = falco.queue.length
    return before === left || undefined
  })
  expect(left).toBeGreaterThan(100)
  context.whenEmitting = async () => {}
  take()
  await until('all in the log', () => eventsIn(context).length >= 400 || undefined)
  expect(eventsIn(context)).toHaveLength(400)
})

test('what came before Falco ended is in the log, and reading goes on when it is back', async () => {
  const { falco, address } = await onSocket()
  falco.queue.push(aWireFinding({ 'ct.id': 'before' }), aWireFinding({ 'ct.id': 'after' }))
  let given = 0
  falco.beforeWrite = () => {
    if (given++ > 0) throw { code: status.UNAVAILABLE, details: 'ending' }
  }
  const { source, context } = await reading({ address })
  await until('unhealthy', () => !source.healthy() || undefined)
  falco.stop()
  expect(eventsIn(context).map(({ eventId }) => eventId)).toEqual(['before'])
  await until('the end is noticed', () => faultsIn(context).length > 1 || undefined)
  falco.beforeWrite = () => {}
  await falco.start()
  await until('both in the log', () => eventsIn(context).length === 2 || undefined)
  await until('healthy', () => source.healthy() || undefined)
  expect(faultsIn(context)).toHaveLength(2)
})

test('a Falco that is unavailable is told once, and heals', async () => {
  const { falco, address } = await onSocket()
  const { source, context } = await reading({ address })
  falco.fault = { code: status.UNAVAILABLE, details: 'shutting down' }
  const polls = falco.polls
  await until('asked three times', () => falco.polls > polls + 3 || undefined)
  expect(source.healthy()).toBe(false)
  expect(faultsIn(context).map(({ fields }) => fields.error)).toEqual([
    expect.stringContaining('shutting down; look at the log of Falco'),
  ])
  falco.fault = undefined
  falco.queue.push(aWireFinding())
  await firstEvent(context)
  await until('healthy', () => source.healthy() || undefined)
})

test('a Falco that falls silent in the middle is given up after a while', async () => {
  const { falco, address } = await onSocket()
  falco.queue.push(aWireFinding(), aWireFinding())
  falco.beforeWrite = (written) => (written > 0 ? new Promise(() => {}) : undefined)
  const client = await openOutputs({ address }, 100)
  onTestFinished(() => client.close())
  const taking = client.take()
  expect((await taking.next()).value).toHaveLength(1)
  await expect(taking.next()).rejects.toThrow(/has not answered for 100 ms; see whether it still runs/)
})

test('what the log does not take before the stop is lost, and counted', async () => {
  const { falco, address } = await onSocket()
  falco.queue.push(...many(3))
  const context = aContext()
  context.whenEmitting = () => Promise.reject(new Error('a payload'))
  const { source } = await reading({ address }, context)
  await until('refused', () => faultsIn(context).length > 0 || undefined)
  expect(source.healthy()).toBe(false)
  await source.stop()
  expect(faultsIn(context).map(({ fields }) => fields.lost ?? fields.error)).toEqual([
    'the log did not take the records (Error)',
    3,
  ])
  expect(JSON.stringify(context.logged)).not.toContain('payload')
})

test('a stop in a long queue leaves the rest to the next one', async () => {
  const { falco, address } = await onSocket()
  falco.queue.push(...many(400))
  const context = aContext()
  let stopping: Promise<void> | undefined
  const asked = new Promise<void>((resolve) => {
    context.whenEmitting = async () => {
      resolve()
      await until('stopping', () => stopping && true)
    }
  })
  const { source } = await reading({ address }, context)
  await asked
  stopping = source.stop()
  await stopping
  expect(eventsIn(context).length).toBeLessThan(300)
  expect(falco.queue.length).toBeGreaterThan(100)
})

test.each([
  [{ address: 'falco:5060' }, 'mutual TLS only'],
  [{ address: 'unix:///a.sock', tls: { ca: 'a', cert: 'b', key: 'c' } }, 'a unix socket has none'],
  [{ address: 'https://falco:5060' }, 'must be unix:///PATH or HOST:PORT'],
  [{ address: 'unix:falco.sock' }, 'must be unix:///PATH or HOST:PORT'],
])('%j is no address', (settings, problem) => {
  expect(falcoGrpcConfig.safeParse(settings).error?.message).toContain(problem)
})
