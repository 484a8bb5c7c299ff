import { expect, test } from 'vitest'
import { readEvents } from '../../../../connectors/sources/read-events.ts'
import { createMatcher } from '../../../../processors/match.ts'
import { normalize } from '../../../../processors/normalize/normalize.ts'
import { createPipeline } from '../../../../processors/pipeline.ts'
import type { RawEvent } from '../../../../schemas/types.ts'
import { alerts, context, row } from '../../../support/detect.ts'
import { aRecord, hashKey, type Json } from '../a-record.ts'
import { aFinding } from './a-falco-finding.ts'

async function readingOf(record: Json) {
  const bytes = Buffer.from(JSON.stringify(record))
  const [reading] = await readEvents(bytes, { origin: 'falco', receivedAt: 5, hashKey })
  return reading!
}

async function eventOf(record: Json): Promise<RawEvent> {
  const reading = await readingOf(record)
  if (!('event' in reading)) throw new Error(`no event: ${JSON.stringify(reading)}`)
  return reading.event
}

async function recordOf(fields: Json): Promise<Json> {
  return JSON.parse((await eventOf(aFinding(fields))).payload)
}

test('a finding of a cloud call is the event of that call', async () => {
  const { payload: _, ...native } = await eventOf(aRecord())
  const { payload: __, ...event } = await eventOf(aFinding())
  expect(event).toEqual(native)
})

test('W9 it leads to the same alert as the record of the call', async () => {
  const instance = row('aws_instance', { id: 'i-0abc', disable_api_termination: true })
  const { report } = createPipeline({ context, matcher: createMatcher([]), admits: () => true })
  async function alertsOf(record: Json) {
    const call = normalize(await eventOf(record))
    if (typeof call === 'string') throw new Error(call)
    return alerts(call, [instance]).map((finding) => report(finding, 'open', new Date(0)).alert)
  }
  const fromFalco = await alertsOf(aFinding())
  expect(fromFalco).toMatchObject([
    { resource: { id: 'i-0abc' }, diffs: [{ oldValue: 'true', newValue: 'false' }] },
  ])
  expect(fromFalco).toEqual(await alertsOf(aRecord()))
})

test('what the gRPC output writes for an absent field is absent', async () => {
  const record = await recordOf({ 'ct.error': 'null', 'ct.response': 'null', 'ct.sharedeventid': 'null' })
  expect(record).not.toHaveProperty('errorCode')
  expect(record).not.toHaveProperty('responseElements')
  expect(record).not.toHaveProperty('sharedEventID')
})

test('a call that asked for nothing is a call', async () => {
  expect(await eventOf(aFinding({ 'ct.request': null }))).toMatchObject({ provider: 'aws' })
})

test('resources that are joined by commas are a list', async () => {
  const record = await recordOf({ 'ct.resources': '{"ARN":"arn:a"},{"ARN":"arn:b"}' })
  expect(record.resources).toEqual([{ ARN: 'arn:a' }, { ARN: 'arn:b' }])
})

test('the short name of a service is enough', async () => {
  const event = await eventOf(aFinding({ 'ct.src': null, 'ct.shortsrc': 'ec2' }))
  expect(event.service).toBe('ec2.amazonaws.com')
})

test('the id that two accounts share is that of the event', async () => {
  expect((await eventOf(aFinding({ 'ct.sharedeventid': 'shared' }))).eventId).toBe('shared')
})

test('a call that failed has failed', async () => {
  expect((await eventOf(aFinding({ 'ct.error': 'AccessDenied' }))).failed).toBe(true)
})

test('of an assumed role the actor is the session', async () => {
  const arn = 'arn:aws:sts::123456789012:assumed-role/deploy/bob'
  const event = await eventOf(
    aFinding({ 'ct.user': 'deploy', 'ct.user.identitytype': 'AssumedRole', 'ct.user.arn': arn }),
  )
  expect(normalize(event)).toMatchObject({
    actor: { type: 'AssumedRole', name: 'bob', sessionIssuer: 'deploy' },
  })
})

test('the role is named as far as Falco knows it: its ARN has a path that no field holds', async () => {
  const arn = 'arn:aws:sts::123456789012:assumed-role/deploy/bob'
  const fields = { 'ct.user': 'deploy', 'ct.user.identitytype': 'AssumedRole', 'ct.user.arn': arn }
  expect(normalize(await eventOf(aFinding(fields)))).toMatchObject({
    actor: { arn, sessionIssuer: 'deploy' },
  })
  const unnamed = { ...fields, 'ct.user': 'AssumedRole' }
  expect(normalize(await eventOf(aFinding(unnamed)))).toMatchObject({
    actor: { arn, sessionIssuer: 'deploy' },
  })
})

test.each(['AWSAccount', 'FederatedUser'])('a %s is not called by its type', async (type) => {
  const fields = { 'ct.user': type, 'ct.user.identitytype': type, 'ct.user.principalid': 'AIDA:carol' }
  expect(normalize(await eventOf(aFinding(fields)))).toMatchObject({ actor: { type, name: 'carol' } })
})

test("a service's own call is the service's", async () => {
  const service = 'autoscaling.amazonaws.com'
  const fields = { 'ct.user': service, 'ct.user.identitytype': 'AWSService', 'ct.user.arn': null }
  const record = await recordOf({ ...fields, 'ct.user.principalid': null, 'ct.user.accountid': null })
  expect(record.userIdentity).toEqual({ type: 'AWSService', invokedBy: service })
  expect(normalize(await eventOf(aFinding(fields)))).toMatchObject({
    actor: { name: service, tool: 'service' },
  })
})

test('secrets in the texts of a call become hashes', async () => {
  const request = JSON.stringify({ masterUserPassword: 'hunter2hunter2' })
  expect((await eventOf(aFinding({ 'ct.request': request }))).payload).not.toContain('hunter2')
})

test.each([
  ['switched off', undefined],
  ['empty', {}],
])('fields that are %s make a dead letter that says what to set', async (_, output_fields) => {
  expect(await readingOf(aFinding({}, { output_fields }))).toMatchObject({
    deadLetter: {
      code: 'no-output-fields',
      message: expect.stringContaining('set json_include_output_fields_property: true'),
    },
  })
})

test('a request that is cut off is a dead letter', async () => {
  expect(await readingOf(aFinding({ 'ct.request': '{"instanceId":"i-' }))).toMatchObject({
    deadLetter: { code: 'not-json', message: expect.stringContaining('ct.request is not JSON') },
  })
})

const shell = {
  source: 'syscall',
  rule: 'Terminal shell in container',
  output_fields: { 'proc.name': 'bash', password: 'hunter2hunter2' },
}

test('a finding without a cloud call is an event of falco', async () => {
  const { payload, ...event } = await eventOf(aFinding({}, shell))
  expect(event).toEqual({
    eventId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    provider: 'falco',
    account: 'falco-0',
    region: 'global',
    service: 'syscall',
    name: 'Terminal shell in container',
    time: Date.parse('2026-03-01T10:00:01Z'),
    readOnly: null,
    failed: false,
    origin: 'falco#1',
    receivedAt: 5,
  })
  expect(payload).not.toContain('hunter2')
})

test('its id is that of falcosidekick, or the same for the same finding', async () => {
  const id = async (changes: Json) => (await eventOf(aFinding({}, { ...shell, ...changes }))).eventId
  expect(await id({ uuid: 'u-1' })).toBe('u-1')
  expect(await id({ tags: [] })).toBe(await id({}))
  expect(await id({ output: 'another' })).not.toBe(await id({}))
})

test('a call whose parameters the rule does not put out cannot be rebuilt', async () => {
  expect(await eventOf(aFinding({ 'ct.request': undefined }))).toMatchObject({ provider: 'falco' })
})

test('a finding as urgent as nothing that Falco knows is a dead letter', async () => {
  expect(await readingOf(aFinding({}, { ...shell, priority: 'Severe' }))).toMatchObject({
    deadLetter: { code: 'no-priority', message: expect.stringContaining('emergency, alert, critical') },
  })
})

test('a finding at no time is a dead letter', async () => {
  expect(await readingOf(aFinding({}, { ...shell, time: 'soon' }))).toMatchObject({
    deadLetter: { code: 'no-time' },
  })
})
