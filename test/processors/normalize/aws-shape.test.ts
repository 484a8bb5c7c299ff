import { describe, expect, it } from 'vitest'
import type { Json } from '../../../processors/finding.ts'
import { plainParameters } from '../../../processors/normalize/aws-shape.ts'

const ec2 = (value: Json | undefined) => plainParameters('ec2.amazonaws.com', value)

/** {"a": {"a": ... }} with the value at the bottom. */
function nested(depth: number, bottom: Json): Json {
  let value = bottom
  for (let i = 0; i < depth; i++) value = { a: value }
  return value
}

describe("EC2's parameters", () => {
  it('R17: a list of items is a list, at any depth', () => {
    expect(
      ec2({
        ipPermissions: { items: [{ ipProtocol: 'tcp', ipRanges: { items: [{ cidrIp: '10.0.0.0/8' }] } }] },
        groupSet: { items: [] },
      }),
    ).toEqual({ ipPermissions: [{ ipProtocol: 'tcp', ipRanges: [{ cidrIp: '10.0.0.0/8' }] }], groupSet: [] })
  })

  it('R17: an attribute value is the value itself, false and 0 too', () => {
    expect(
      ec2({
        instanceId: 'i-1',
        disableApiTermination: { value: false },
        size: { value: 0 },
        userData: { value: '' },
      }),
    ).toEqual({ instanceId: 'i-1', disableApiTermination: false, size: 0, userData: '' })
  })

  it('R17: a list of a wrapped answer is a list, of one element or of several', () => {
    const answer = {
      flowLogIdSet: { item: ['fl-1', 'fl-2'] },
      addressSet: { item: { allocationId: 'eipalloc-1' } },
      unsuccessful: '',
    }
    expect(ec2({ CreateFlowLogsResponse: answer })).toEqual({
      flowLogIdSet: ['fl-1', 'fl-2'],
      addressSet: [{ allocationId: 'eipalloc-1' }],
      unsuccessful: '',
    })
  })

  it('keep what only looks like a wrapper', () => {
    const request = {
      tagSet: { items: [{ key: 'a', value: 'b' }] },
      empty: {},
      items: 'text',
      page: { items: [1], next: 'x' },
      deep: { value: { value: 1, key: 'k' } },
    }
    expect(ec2(request)).toEqual({ ...request, tagSet: [{ key: 'a', value: 'b' }] })
  })

  it.each([
    ['ModifyVolumeRequest', { VolumeId: 'vol-1', Size: 9 }, { volumeId: 'vol-1', size: 9 }],
    ['DeleteNatGatewayRequest', { NatGatewayId: 'nat-1' }, { natGatewayId: 'nat-1' }],
    ['CreateNatGatewayResponse', { NatGateway: { VpcId: 'v' } }, { natGateway: { vpcId: 'v' } }],
  ])('R17: %s is taken off, and the names begin in lower case', (wrapper, inner, expected) => {
    expect(ec2({ [wrapper]: inner })).toEqual(expected)
  })

  it('R17: a numbered element with content is its content, and the number is no part of the others', () => {
    expect(
      ec2({
        CreateFlowLogsRequest: {
          ResourceId: { tag: 1, content: 'vpc-1' },
          Tag: { Value: true, tag: 1, Key: 'Audited' },
          Other: [{ tag: 1, content: 'a' }],
        },
      }),
    ).toEqual({ resourceId: 'vpc-1', tag: { value: true, key: 'Audited' }, other: ['a'] })
  })

  it('keep the name of a wrapper beside which something else stands', () => {
    const request = { ModifyVolumeRequest: { VolumeId: 'vol-1' }, other: 1 }
    expect(ec2(request)).toEqual(request)
    expect(ec2({ ModifyVolumeRequest: 'text' })).toEqual({ ModifyVolumeRequest: 'text' })
  })

  it('spread the older form of one attribute and its value', () => {
    expect(ec2({ instanceId: 'i-1', attribute: 'instanceType', value: 't3.small' })).toEqual({
      instanceId: 'i-1',
      instanceType: 't3.small',
    })
    expect(ec2({ instanceId: 'i-1', attribute: 'ebsOptimized', value: false })).toMatchObject({
      ebsOptimized: false,
    })
    expect(ec2({ imageId: 'ami-1', attribute: 'description' })).toEqual({
      imageId: 'ami-1',
      attribute: 'description',
    })
  })

  it('cannot be nested so deep that reading them fails', () => {
    expect(ec2(nested(50, { items: [1] }))).toEqual(nested(50, [1]))
    expect(() => ec2(nested(5_000, { items: [1] }))).not.toThrow()
    expect(() => ec2({ XRequest: nested(5_000, { tag: 1, content: 'x' }) })).not.toThrow()
  })
})

describe('parameters', () => {
  it('of other services stay as they are', () => {
    const request = { items: [1], ModifyVolumeRequest: { A: 1 }, attribute: 'a', value: 1, b: { value: 2 } }
    expect(plainParameters('rds.amazonaws.com', request)).toEqual(request)
  })

  it.each([undefined, null, 'text', 5, [{ a: 1 }]] as (Json | undefined)[])(
    'that are %j are none',
    (value) => {
      expect(ec2(value)).toEqual({})
      expect(plainParameters('s3.amazonaws.com', value)).toEqual({})
    },
  )
})

describe("S3's parameters", () => {
  const s3 = (value: Json) => plainParameters('s3.amazonaws.com', value)

  it('R18: what older records have in lists, of the query and of headers, is the value itself', () => {
    expect(s3({ acl: [''], host: ['s3.amazonaws.com'], 'x-amz-acl': ['private'] })).toEqual({
      acl: '',
      host: 's3.amazonaws.com',
      'x-amz-acl': 'private',
    })
    expect(s3({ list: [{ a: 1 }], two: ['a', 'b'] })).toEqual({ list: [{ a: 1 }], two: ['a', 'b'] })
  })

  it('R18: a body without anything in it is an object, a marker of the query a text', () => {
    expect(s3({ notification: '', NotificationConfiguration: '', Tagging: '', bucketPolicy: '' })).toEqual({
      notification: '',
      NotificationConfiguration: {},
      Tagging: {},
      bucketPolicy: '',
    })
  })
})

it("OpenSearch's map of logs is the list that Terraform has", () => {
  const logPublishingOptions = { AUDIT_LOGS: { enabled: true } }
  expect(plainParameters('es.amazonaws.com', { domainName: 'd', logPublishingOptions })).toEqual({
    domainName: 'd',
    logPublishingOptions: [{ logType: 'AUDIT_LOGS', enabled: true }],
  })
  const omitted = { logPublishingOptions: { omitted: true } }
  expect(plainParameters('es.amazonaws.com', omitted)).toEqual(omitted)
})
