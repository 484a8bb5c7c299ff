import { expect, test } from 'vitest'
import { cloudtrail, rawEvent } from '../../../../connectors/sources/formats/cloudtrail.ts'
import { hashValue } from '../../../../schemas/hashed-value.ts'
import { aRecord, hashKey, type Json } from '../a-record.ts'

const context = { origin: 'file.json#1', receivedAt: 1_772_360_000_000, hashKey }

function read(changes: Json) {
  return cloudtrail.read(aRecord(changes), context)
}

function event(changes: Json) {
  return rawEvent(aRecord(changes), context)
}

test('a record becomes an event with its envelope', () => {
  expect(event({})).toEqual({
    eventId: 'f1e2d3c4-0001-4aaa-8bbb-000000000001',
    provider: 'aws',
    account: '123456789012',
    region: 'eu-west-1',
    service: 'ec2.amazonaws.com',
    name: 'ModifyInstanceAttribute',
    time: Date.UTC(2026, 2, 1, 10, 0, 1),
    readOnly: false,
    failed: false,
    origin: 'file.json#1',
    receivedAt: 1_772_360_000_000,
    payload: JSON.stringify(aRecord()),
  })
})

test('of records that are passed over the payload stays empty', () => {
  const passing = {
    ...context,
    passesOver: ({ readOnly }: { readOnly: boolean | null }) => readOnly === true,
  }
  expect(rawEvent(aRecord({ readOnly: true }), passing).payload).toBe('')
  expect(rawEvent(aRecord({}), passing).payload).toBe(JSON.stringify(aRecord()))
})

test('the copies of one call in two accounts share its id', () => {
  expect(event({ sharedEventID: 'shared' }).eventId).toBe('shared')
})

test('the copies of one call in two accounts have the account of the resources that it names', () => {
  const resources = [{ ARN: 'arn:aws:s3:::theirs', accountId: '210987654321', type: 'AWS::S3::Bucket' }]
  const copyIn = (recipientAccountId: string, changes: Json = {}) =>
    event({ sharedEventID: 'shared', recipientAccountId, resources, ...changes }).account
  expect(copyIn('123456789012')).toBe('210987654321')
  expect(copyIn('210987654321')).toBe('210987654321')
  const several = [...resources, { ARN: 'arn:aws:s3:::ours', accountId: '123456789012' }]
  expect(copyIn('123456789012', { resources: several })).toBe('123456789012')
  expect(copyIn('123456789012', { sharedEventID: undefined })).toBe('123456789012')
})

test("the caller's copy has the account of the resource that it names by its ARN, the owner's its own", () => {
  const named = (caller: string, recipientAccountId: string, requestParameters: Json) => {
    const userIdentity = { type: 'AWSAccount', accountId: caller }
    return event({ sharedEventID: 'shared', recipientAccountId, userIdentity, requestParameters }).account
  }
  const [ours, theirs] = ['123456789012', '210987654321']
  const functionName = `arn:aws:lambda:eu-west-1:${theirs}:function:orders`
  expect(named(ours, ours, { functionName, memorySize: 512 })).toBe(theirs)
  expect(named(ours, theirs, { functionName, memorySize: 512 })).toBe(theirs)
  expect(named(ours, ours, { functionName: `${theirs}:function:orders` })).toBe(theirs)
  expect(named(ours, ours, { functionName: 'orders', layer: 'arn:aws:iam::aws:policy/x' })).toBe(ours)
  const role = `arn:aws:iam::${ours}:role/caller`
  expect(named(ours, ours, { functionName, role })).toBe(theirs)
  expect(named(ours, ours, { functionName, key: 'arn:aws:kms:eu-west-1:333333333333:key/k' })).toBe(ours)
  expect(named(ours, theirs, { functionName: 'orders', role })).toBe(theirs)
  expect(event({ requestParameters: { functionName } }).account).toBe(ours)
})

test('a record without an id gets one from its content, whatever the order of its keys and the hash key', () => {
  const { eventID: _, ...record } = aRecord({ requestParameters: { password: 'hunter2', instanceId: 'i-1' } })
  const reordered = Object.fromEntries(Object.entries(record).reverse())
  const one = rawEvent(record, context).eventId
  expect(one).toMatch(/^sha256:[0-9a-f]{64}$/)
  expect(rawEvent(reordered, { ...context, hashKey: Buffer.from('another') }).eventId).toBe(one)
  expect(rawEvent({ ...record, eventName: 'RunInstances' }, context).eventId).not.toBe(one)
})

test.each([
  ['the account in which it was recorded', {}, '123456789012'],
  [
    'else that of the caller',
    { recipientAccountId: undefined, userIdentity: { accountId: '999999999999' } },
    '999999999999',
  ],
  ['else none', { recipientAccountId: '', userIdentity: 'masked' }, ''],
])('the account is %s', (_, changes, account) => {
  expect(event(changes).account).toBe(account)
})

test.each([
  ['ec2.amazonaws.com', 'eu-west-1'],
  ['iam.amazonaws.com', 'global'],
  ['route53.amazonaws.com', 'global'],
  ['cloudfront.amazonaws.com', 'global'],
  ['organizations.amazonaws.com', 'global'],
  ['waf.amazonaws.com', 'global'],
  ['s3.amazonaws.com', 'global'],
  ['wafv2.amazonaws.com', 'eu-west-1'],
  ['route53resolver.amazonaws.com', 'eu-west-1'],
  ['sts.amazonaws.com', 'eu-west-1'],
])('the calls of %s have the region %s', (eventSource, region) => {
  expect(event({ eventSource }).region).toBe(region)
})

test.each([
  [true, true],
  [false, false],
  ['True', true],
  ['false', false],
  ['perhaps', null],
  [undefined, null],
])('readOnly %j is %j', (readOnly, expected) => {
  expect(event({ readOnly }).readOnly).toBe(expected)
})

test.each([
  [{ errorCode: 'AccessDenied' }, true],
  [{ errorMessage: 'no' }, true],
  [{ responseElements: { _return: false } }, true],
  [{ responseElements: { _return: 'false' } }, true],
  [{ errorCode: '', errorMessage: null, responseElements: null }, false],
])('%j failed: %j', (changes, failed) => {
  expect(event(changes).failed).toBe(failed)
})

test.each([
  ['2026-03-01T10:00:01Z', Date.UTC(2026, 2, 1, 10, 0, 1)],
  ['2026-03-01T12:00:01+02:00', Date.UTC(2026, 2, 1, 10, 0, 1)],
  ['2026-03-01 10:00:01.000000000', Date.UTC(2026, 2, 1, 10, 0, 1)],
  ['2026-03-01 10:00:01.25', Date.UTC(2026, 2, 1, 10, 0, 1, 250)],
])('the time %s is read as UTC unless it says otherwise', (eventTime, time) => {
  expect(event({ eventTime }).time).toBe(time)
})

test.each([['...'], [undefined], ['2026-13-01T10:00:01Z'], [1_772_359_201]])('%j is no time', (eventTime) => {
  expect(() => event({ eventTime })).toThrow(expect.objectContaining({ code: 'no-time' }))
})

test('the payload carries no secret', () => {
  const { payload } = event({
    requestParameters: { masterUserPassword: 'hunter2', userData: 'IyEvYmluL3No' },
  })
  expect(JSON.parse(payload).requestParameters).toEqual({
    masterUserPassword: hashValue(hashKey, 'hunter2'),
    userData: hashValue(hashKey, 'IyEvYmluL3No'),
  })
})

test('a record that no message can carry is refused', () => {
  expect(() => event({ requestParameters: { text: 'é'.repeat(500_000) } })).toThrow(
    expect.objectContaining({ code: 'record-too-large' }),
  )
  expect(event({ requestParameters: { text: 'e'.repeat(500_000) } }).payload.length).toBeGreaterThan(500_000)
})

test.each([
  ['insight', { eventCategory: 'Insight' }],
  ['insight', { eventType: 'AwsCloudTrailInsight' }],
  ['insight', { insightType: 'ApiCallRateInsight' }],
  ['aggregated', { eventCategory: 'Aggregated', eventType: 'AwsAggregatedEvent' }],
  ['data-event', { eventCategory: 'Data' }],
  ['data-event', { eventCategory: 'NetworkActivity' }],
])('%s: passed over if %j', (reason, changes) => {
  expect(read(changes)).toEqual({ skipped: reason, eventId: 'f1e2d3c4-0001-4aaa-8bbb-000000000001' })
})

test('an aggregated record is recognised without the names of a call', () => {
  expect(cloudtrail.recognises({ eventCategory: 'Aggregated', eventId: 'x', accountId: '1' })).toBe(true)
})

test('fields of unexpected types do no harm', () => {
  const odd = event({ userIdentity: null, awsRegion: 7, responseElements: ['x'], errorCode: {}, readOnly: 1 })
  expect(odd).toMatchObject({ region: '', failed: false, readOnly: null, account: '123456789012' })
})
