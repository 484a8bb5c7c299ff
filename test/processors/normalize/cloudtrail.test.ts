import { describe, expect, it } from 'vitest'
import { rawEvent } from '../../../connectors/sources/formats/cloudtrail.ts'
import type { CloudCall, NoFinding } from '../../../processors/finding.ts'
import { normalizeCloudTrail, parseRecord } from '../../../processors/normalize/cloudtrail.ts'
import { normalize } from '../../../processors/normalize/normalize.ts'

const record = {
  eventVersion: '1.11',
  eventID: 'e-1',
  eventTime: '2026-03-01T10:00:01Z',
  eventSource: 'ec2.amazonaws.com',
  eventName: 'ModifyInstanceAttribute',
  awsRegion: 'eu-west-1',
  recipientAccountId: '123456789012',
  userIdentity: { type: 'IAMUser', userName: 'alice', accountId: '123456789012' },
  userAgent: 'aws-cli/2.15.30',
  eventType: 'AwsApiCall',
  eventCategory: 'Management',
  readOnly: false,
  requestParameters: { instanceId: 'i-1', instanceType: { value: 't3.large' } },
  responseElements: { _return: true },
}

/** From the record to the call, as the source and the processor do it. */
function normalized(changes: object): CloudCall | NoFinding {
  const context = { origin: 'test', receivedAt: 0, hashKey: Buffer.alloc(32) }
  return normalize(rawEvent(JSON.parse(JSON.stringify({ ...record, ...changes })), context))
}

const named = (eventName: string, changes: object = {}) => normalized({ eventName, ...changes })

describe('a record becomes a call', () => {
  it('with its envelope, its actor, its source event and its parameters', () => {
    expect(normalized({})).toEqual({
      eventId: 'e-1',
      provider: 'aws',
      account: '123456789012',
      region: 'eu-west-1',
      service: 'ec2.amazonaws.com',
      name: 'ModifyInstanceAttribute',
      time: Date.UTC(2026, 2, 1, 10, 0, 1),
      actor: expect.objectContaining({ name: 'alice', tool: 'cli' }),
      sourceEvent: {
        id: 'e-1',
        source: 'ec2.amazonaws.com',
        name: 'ModifyInstanceAttribute',
        time: '2026-03-01T10:00:01Z',
      },
      request: { instanceId: 'i-1', instanceType: 't3.large' },
      response: { _return: true },
    })
  })

  it('R8: that is told apart by the shared id, and looked up by its own', () => {
    expect(normalized({ sharedEventID: 's-1' })).toMatchObject({
      eventId: 's-1',
      sourceEvent: { id: 'e-1' },
    })
  })

  it('whose time has its milliseconds only where there are any', () => {
    const time = (eventTime: string) => (normalized({ eventTime }) as CloudCall).sourceEvent.time
    expect(time('2026-03-01T10:00:01.500Z')).toBe('2026-03-01T10:00:01.500Z')
    expect(time('2026-03-01T12:00:01+02:00')).toBe('2026-03-01T10:00:01Z')
  })

  it('R20: whose response may be missing', () => {
    expect(normalized({ responseElements: null })).toMatchObject({ response: {} })
  })

  it('R28: of no region, where the service has none', () => {
    const iam = { eventSource: 'iam.amazonaws.com', eventName: 'AttachRolePolicy', awsRegion: 'us-east-1' }
    expect(normalized(iam)).toMatchObject({ region: 'global', service: 'iam.amazonaws.com' })
  })
})

describe('R1: what has failed is no change', () => {
  it.each([
    ['an error code', { errorCode: 'Client.UnauthorizedOperation' }],
    ['an error message alone', { errorMessage: 'denied' }],
    ['an asynchronous failure', { responseElements: { _return: false } }],
  ])('%s', (_, changes) => {
    expect(normalized(changes)).toBe('failed')
  })
})

describe('R2: readOnly decides', () => {
  it.each([true, 'true', 'True'])('%j is read-only, whatever the name', (readOnly) => {
    expect(named('DeleteVolume', { readOnly })).toBe('read-only')
  })

  it.each([false, 'false', 'False'])('%j is a change, whatever the name', (readOnly) => {
    expect(named('GetPasswordData', { readOnly })).toMatchObject({ name: 'GetPasswordData' })
  })

  it.each(['DescribeInstances', 'ListBuckets', 'GetUser', 'HeadBucket', 'BatchGetImage', 'LookupEvents'])(
    'absent or null, it is read-only by its verb: %s',
    (name) => {
      expect(named(name, { readOnly: undefined })).toBe('read-only')
      expect(named(name, { readOnly: null })).toBe('read-only')
    },
  )

  it.each(['ModifyVolume', 'CreateTags', 'Listen', 'Getaway', 'SelectiveDelete', 'PutEvaluations'])(
    'absent, it is a change by its verb: %s',
    (name) => {
      expect(named(name, { readOnly: undefined })).toMatchObject({ name })
    },
  )
})

describe('R3: only management calls', () => {
  it.each(['Data', 'Insight', 'NetworkActivity'])('not those of the category %s', (eventCategory) => {
    expect(normalized({ eventCategory })).toBe('no-effect')
  })

  it.each(['AwsCloudTrailInsight', 'AwsAggregatedEvent', 'AwsConsoleSignIn', 'AwsConsoleAction'])(
    'not those of the type %s',
    (eventType) => {
      expect(normalized({ eventType })).toBe('no-effect')
    },
  )

  it.each(['AwsApiCall', 'AwsServiceEvent', undefined])('but those of the type %s', (eventType) => {
    expect(normalized({ eventType, eventCategory: undefined })).toMatchObject({ eventId: 'e-1' })
  })
})

describe('R4: a dry run is no change', () => {
  it.each([true, 'true'])('by its parameter: %j', (dryRun) => {
    expect(normalized({ requestParameters: { ...record.requestParameters, dryRun } })).toBe('no-effect')
  })

  it('but a call that says that it is none is one', () => {
    const requestParameters = { ...record.requestParameters, dryRun: false }
    expect(normalized({ requestParameters })).toMatchObject({ eventId: 'e-1' })
  })

  it('inside the wrapper of newer operations', () => {
    const requestParameters = { ModifyVolumeRequest: { VolumeId: 'vol-1', DryRun: true } }
    expect(named('ModifyVolume', { requestParameters })).toBe('no-effect')
  })
})

it.each(['1.0', '1.08', '1.11', '1.99', undefined])(
  'R5: the version %s and unknown fields are taken',
  (eventVersion) => {
    expect(normalized({ eventVersion, fieldOfTomorrow: { a: 1 } })).toMatchObject({ eventId: 'e-1' })
  },
)

describe('R14: a name without its date', () => {
  it.each([
    ['UpdateFunctionConfiguration20150331v2', 'UpdateFunctionConfiguration'],
    ['CreateFunction20150331', 'CreateFunction'],
    ['AddPermission20150331v2', 'AddPermission'],
    ['UpdateDistribution2020_05_31', 'UpdateDistribution'],
    ['ModifyVolume', 'ModifyVolume'],
    ['PutThingV2', 'PutThingV2'],
    ['Run20150331Twice', 'Run20150331Twice'],
  ])('%s is %s', (eventName, name) => {
    expect(named(eventName)).toMatchObject({ name, sourceEvent: { name: eventName } })
  })
})

describe('R17: wrapped parameters', () => {
  it('are unwrapped on both sides, for EC2', () => {
    expect(
      named('CreateNatGateway', {
        requestParameters: { CreateNatGatewayRequest: { SubnetId: 'subnet-1' } },
        responseElements: { CreateNatGatewayResponse: { natGateway: { natGatewayId: 'nat-1' } } },
      }),
    ).toMatchObject({
      request: { subnetId: 'subnet-1' },
      response: { natGateway: { natGatewayId: 'nat-1' } },
    })
  })

  it('stay, for others', () => {
    const requestParameters = { tagging: { value: 'x' } }
    expect(normalized({ eventSource: 's3.amazonaws.com', requestParameters })).toMatchObject({
      request: requestParameters,
    })
  })
})

it('an event without an id of its own is known by its envelope', () => {
  const raw = rawEvent({ ...record }, { origin: 'test', receivedAt: 0, hashKey: Buffer.alloc(32) })
  expect(normalizeCloudTrail(raw, {})).toMatchObject({ sourceEvent: { id: 'e-1' }, request: {} })
})

it('a payload is an object', () => {
  expect(parseRecord('{"a":1}')).toEqual({ a: 1 })
  for (const payload of ['[]', 'null', '"text"', '5']) {
    expect(() => parseRecord(payload)).toThrow('the payload is not a JSON object')
  }
  expect(() => parseRecord('{"a":')).toThrow(SyntaxError)
})
