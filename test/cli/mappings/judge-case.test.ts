import { describe, expect, it } from 'vitest'
import type { Expected } from '../../../cli/mappings/case-format.ts'
import { createJudge } from '../../../cli/mappings/judge-case.ts'
import type { JsonObject } from '../../../processors/finding.ts'
import { aCase } from './a-case.ts'

const judge = createJudge()

const call = (eventName: string, requestParameters: JsonObject, more: JsonObject = {}) => ({
  eventSource: 'ec2.amazonaws.com',
  eventName,
  requestParameters,
  ...more,
})
const resize = call('ModifyInstanceAttribute', {
  instanceId: 'i-1',
  instanceType: { value: 't3.large' },
  groupSet: { items: [{ groupId: 'sg-2' }, { groupId: 'sg-3' }] },
})
const web = {
  mode: 'managed',
  type: 'aws_instance',
  name: 'web',
  provider: 'provider["registry.terraform.io/hashicorp/aws"]',
  instances: [{ attributes: { id: 'i-1', instance_type: 't3.micro', vpc_security_group_ids: ['sg-1'] } }],
}
const right: Partial<Expected> = {
  resource: 'aws_instance.web',
  diffs: {
    instance_type: ['t3.micro', 't3.large'],
    vpc_security_group_ids: [['sg-1'], ['sg-3', 'sg-2']],
  },
}
const judged = (expect: Partial<Expected>[]) => judge(aCase({ event: resize, states: [[web]], expect }))

describe('a case passes', () => {
  it('where every alert came as expected, sets in any order', async () => {
    expect(await judged([right])).toMatchObject({ passed: true, matched: 1, unexpected: [], missing: [] })
  })

  it('where it must be quiet, and is so for its reason', async () => {
    const stop = { event: call('StopInstances', {}), reason: 'no-effect' }
    expect(await judge(aCase(stop))).toMatchObject({ passed: true, matched: 0, reasons: ['no-effect'] })
    expect(await judge(aCase({ ...stop, reason: 'as-declared' }))).toMatchObject({ passed: false })
    const doubtful = { ...stop, reason: 'as-declared', doubt: 'either' }
    expect(await judge(aCase(doubtful))).toMatchObject({ passed: true })
  })

  it('where its event is content, which a source passes over', async () => {
    const event = call('A', {}, { eventCategory: 'Data' })
    expect(await judge(aCase({ event, reason: 'no-effect' }))).toMatchObject({ passed: true })
  })
})

describe('a case fails', () => {
  it.each<[string, Partial<Expected>]>([
    ['another value', { ...right, diffs: { ...right.diffs, instance_type: ['t3.micro', 't3.small'] } }],
    ['one diff too few', { ...right, diffs: { instance_type: ['t3.micro', 't3.large'] } }],
    ['one diff too many', { ...right, diffs: { ...right.diffs, monitoring: [false, true] } }],
    ['a value that is hidden', { ...right, diffs: { ...right.diffs, instance_type: 'hidden' } }],
    ['another resource', { ...right, resource: 'aws_instance.db' }],
    ['another type', { resource: 'aws_instance.web', type: 'resource_deleted' }],
    ['another holder', { ...right, alsoManagedBy: 1 }],
  ])('by %s: one alert too many, and one too few', async (_, wanted) => {
    const verdict = await judged([wanted])
    expect(verdict).toMatchObject({ passed: false, matched: 0, missing: [{ resource: wanted.resource }] })
    expect(verdict.unexpected).toMatchObject([
      { type: 'attribute_drift', resource: 'aws_instance.web', id: 'i-1' },
    ])
  })

  it('by an alert where it must be quiet, and by the second of one expected twice', async () => {
    expect(await judged([])).toMatchObject({ passed: false, matched: 0, unexpected: [{}], missing: [] })
    expect(await judged([right, right])).toMatchObject({ matched: 1, unexpected: [], missing: [{}] })
  })

  it('by the id of what no state holds, where it names one', async () => {
    const items = [{ instanceId: 'i-9' }]
    const event = call('RunInstances', {}, { responseElements: { instancesSet: { items } } })
    const made = (more: object) => [
      { resource: 'aws_instance', type: 'unmanaged_resource' as const, ...more },
    ]
    expect(await judge(aCase({ event, expect: made({}) }))).toMatchObject({ passed: true })
    expect(await judge(aCase({ event, expect: made({ id: 'i-9' }) }))).toMatchObject({ passed: true })
    expect(await judge(aCase({ event, expect: made({ id: 'i-8' }) }))).toMatchObject({ passed: false })
  })

  it('by a record or a state that cannot be read', async () => {
    const event = { ...resize, eventTime: 'noon' }
    const { passed, faults } = await judge(aCase({ event, states: [[web, web]] }))
    expect(passed).toBe(false)
    expect(faults).toEqual([
      expect.stringContaining('aws_instance.web stands there twice'),
      expect.stringContaining('eventTime'),
    ])
  })
})

it('a policy is compared by meaning: order, names of statements, lists of one', async () => {
  const statement = (more: JsonObject): JsonObject => ({
    Effect: 'Allow',
    Principal: '*',
    Resource: '*',
    ...more,
  })
  const event = {
    eventSource: 's3.amazonaws.com',
    eventName: 'PutBucketPolicy',
    requestParameters: {
      bucketName: 'acme',
      bucketPolicy: {
        Statement: [statement({ Action: ['s3:GetObject'], Sid: 'a' }), statement({ Action: 's3:PutObject' })],
      },
    },
  }
  const attributes = { id: 'acme', bucket: 'acme', policy: '{"Statement":[]}' }
  const row = { ...web, type: 'aws_s3_bucket_policy', name: 'acme', instances: [{ attributes }] }
  const added = [statement({ Action: ['s3:PutObject'] }), statement({ Action: 's3:GetObject' })]
  const expected = {
    resource: 'aws_s3_bucket_policy.acme',
    diffs: { policy: [null, added] as [null, JsonObject[]] },
  }
  expect(await judge(aCase({ event, states: [[row]], expect: [expected] }))).toMatchObject({ passed: true })
})
