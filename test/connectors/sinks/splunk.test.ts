import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertJson } from '../../../connectors/alert-json.ts'
import { DeliveryError } from '../../../connectors/sink.ts'
import { checkSplunk, splunkConfig, splunkSink } from '../../../connectors/sinks/splunk.ts'
import { timeLimit } from '../../../connectors/time-limit.ts'
import { anAlertJson, aSignal } from '../an-alert.ts'
import { detectionFinding } from './formats/ocsf-validator.ts'
import { splunkReceiver } from './splunk-receiver.ts'

const live = new AbortController().signal
let receiver: Awaited<ReturnType<typeof splunkReceiver>>
beforeEach(async () => {
  receiver = await splunkReceiver()
})
afterEach(() => receiver.close())

async function acknowledging() {
  await receiver.close()
  receiver = await splunkReceiver({ acks: true })
}

type Settings = Partial<Parameters<typeof splunkSink>[0]>
const sink = (settings: Settings = {}) =>
  splunkSink({ url: receiver.url, token: receiver.token, ...settings })
const alerts = [anAlertJson(), anAlertJson({ status: 'resolved' })]

async function refusalOf(settings: Settings = {}): Promise<DeliveryError> {
  const error = await sink(settings)
    .deliver(alerts, live)
    .then(
      () => expect.fail('Splunk accepted it'),
      (reason: unknown) => reason,
    )
  expect(error).toBeInstanceOf(DeliveryError)
  return error as DeliveryError
}

describe('a batch', () => {
  it('is one request of events one after the other, with the alerts as they are', async () => {
    await sink().deliver(alerts, live)
    expect(receiver.requests()).toBe(1)
    expect(receiver.indexed.map(({ event }) => event)).toEqual(alerts)
    expect(receiver.indexed[0]).toMatchObject({
      time: Date.parse(alerts[0]!.detectedAt) / 1000,
      source: 'tfdrift',
      sourcetype: 'tfdrift:alert',
      host: expect.any(String),
    })
    expect(receiver.indexed[0]).not.toHaveProperty('index')
  })

  it('goes to the index, under the sourcetype and in the format of the configuration', async () => {
    await sink({ index: 'main', sourcetype: 'ocsf:detection', format: 'ocsf' }).deliver(alerts, live)
    expect(receiver.indexed[0]).toMatchObject({
      index: 'main',
      sourcetype: 'ocsf:detection',
      event: { class_uid: 2004, finding_info: { uid: alerts[0]!.id } },
    })
  })

  it('takes a signal, which has no resource, in either format', async () => {
    await sink().deliver([alertJson(aSignal())], live)
    await sink({ format: 'ocsf' }).deliver([alertJson(aSignal())], live)
    const [plain, ocsf] = receiver.indexed
    expect(plain!.event).toEqual(alertJson(aSignal()))
    expect(detectionFinding.parse(ocsf!.event).finding_info.types).toEqual(['signal'])
  })

  it('has the time with its milliseconds', async () => {
    await sink().deliver([anAlertJson({ detectedAt: '2026-03-01T10:00:03.250Z' })], live)
    expect(receiver.indexed[0]!.time).toBe(1772359203.25)
  })

  it('may come under a path of a proxy', () => {
    const settings = { url: 'https://proxy.example/splunk', token: 't' }
    expect(splunkConfig.parse(settings)).toMatchObject(settings)
  })
})

describe('with acknowledgement', () => {
  beforeEach(acknowledging)

  it('is delivered when the indexers hold it', async () => {
    receiver.acknowledge(false)
    let delivered = false
    const delivery = sink()
      .deliver(alerts, live)
      .then(() => {
        delivered = true
      })
    await expect.poll(() => receiver.asked.length).toBeGreaterThan(1)
    expect(delivered).toBe(false)
    receiver.acknowledge(true)
    await delivery
    expect(receiver.requests()).toBe(1)
  })

  it('may be tried again when time is up, and is not sent twice if the indexers hold it by then', async () => {
    receiver.acknowledge(false)
    const splunk = sink()
    const late = timeLimit(100, live, (signal) => splunk.deliver(alerts, signal))
    await expect(late).rejects.toMatchObject({ name: 'DeliveryError', retryable: true })
    receiver.acknowledge(true)
    await splunk.deliver(alerts, live)
    expect(receiver.requests()).toBe(1)
  })

  it('is sent again if the indexers have lost it', async () => {
    receiver.acknowledge(false)
    const splunk = sink()
    await timeLimit(100, live, (signal) => splunk.deliver(alerts, signal)).catch(() => {})
    const again = splunk.deliver(alerts, live)
    await expect.poll(() => receiver.requests()).toBe(2)
    receiver.acknowledge(true)
    await again
  })

  it('asks under the channel that it sent under, another for each process', async () => {
    await sink().deliver(alerts, live)
    await sink().deliver(alerts, live)
    expect(receiver.asked).toEqual([0, 1])
  })
})

describe("Splunk's answer", () => {
  it('to a wrong token is final, and says so', async () => {
    const error = await refusalOf({ token: 'other' })
    expect(error.retryable).toBe(false)
    expect(error.message).toBe(
      `${receiver.origin} answered 403: it does not know this token; correct it (code 4)`,
    )
  })

  it('to a wrong index names the setting', async () => {
    const error = await refusalOf({ index: 'nowhere' })
    expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(/index.*\(code 7\)/) })
  })

  it.each([
    [503, 9],
    [429, 26],
    [500, 8],
  ])('of %i with code %i may be tried again', async (status, code) => {
    receiver.answer((response) =>
      response.writeHead(status, { 'retry-after': '3' }).end(JSON.stringify({ text: 'x', code })),
    )
    expect(await refusalOf()).toMatchObject({ retryable: true, retryAfterMs: 3_000 })
  })

  it('of 200 that is not the collector’s is not taken for an acceptance', async () => {
    receiver.answer((response) => response.writeHead(200).end('<html>'))
    expect(await refusalOf()).toMatchObject({ retryable: true })
  })

  it('is not quoted', async () => {
    receiver.answer((response) => response.writeHead(400).end('{"text":"hunter2","code":6}'))
    expect((await refusalOf()).message).not.toContain('hunter2')
  })
})

describe('the check', () => {
  const check = (token = receiver.token) => checkSplunk(splunkConfig.parse({ url: receiver.url, token }))

  it('is fine where the token is right, and indexes nothing', async () => {
    expect(await check()).toMatchObject([{ ok: true }])
    expect(receiver.indexed).toEqual([])
  })

  it('names a token that is wrong', async () => {
    expect(await check('other')).toMatchObject([{ ok: false, problem: expect.stringContaining('token') }])
  })
})

it('refuses a URL that holds the path already', () => {
  const result = splunkConfig.safeParse({ url: 'https://splunk:8088/services/collector', token: 't' })
  expect(result.error?.issues).toMatchObject([{ path: ['url'] }])
})
