import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detect } from '../../../processors/detect/detect.ts'
import type { CloudCall, Json, JsonObject, StateRow } from '../../../processors/finding.ts'
import { call, context, judge, mapped, row } from '../../support/detect.ts'

const instances = (...ids: string[]) => ids.map((instanceId) => ({ instanceId }))
const run = (...ids: string[]) =>
  call('ec2', 'RunInstances', {}, { response: { instancesSet: instances(...ids) } })

describe('detect', () => {
  it('knows nothing of a call that nobody has mapped, nor of one of the same name of another service', () => {
    expect(detect(call('ec2', 'MakeCoffee', {}), context)).toBe('unmapped')
    expect(detect(call('s3', 'RunInstances', {}), context)).toBe('unmapped')
  })

  it('expects nothing of a call that changes nothing that Terraform declares', () => {
    expect(detect(call('ec2', 'StartInstances', { instancesSet: instances('i-1') }), context)).toBe(
      'no-effect',
    )
  })

  it('asks for each key once', () => {
    const plan = detect(run('i-1', 'i-1', 'i-2'), context)
    expect(plan).toMatchObject({ keys: ['aws_instance\0i-1', 'aws_instance\0i-2'] })
  })

  it('gives one finding for each resource, however often the call names it', () => {
    expect(judge(run('i-1', 'i-1', 'i-2'), [])).toMatchObject({
      findings: [{ finding: { resource: { id: 'i-1' } } }, { finding: { resource: { id: 'i-2' } } }],
    })
  })

  it('lets the difference speak, where the call names a resource once with and once without one', () => {
    const service = mapped(`
calls:
  ModifyMany: [{ update: test_db, each: items, id: item.name, attributes: { item.class: class } }]
`)
    const items = [
      { name: 'orders', class: 'small' },
      { name: 'orders', class: 'large' },
    ]
    const db = row('test_db', { id: 'db-1', name: 'orders', class: 'small' })
    for (const list of [items, [...items].reverse()]) {
      expect(judge(call('test', 'ModifyMany', { items: list }), [db], service)).toMatchObject({
        findings: [{ reason: null, finding: { diffs: [{ newValue: '"large"' }] } }],
      })
    }
  })

  it('has no reason against an alert as soon as there is one', () => {
    expect(judge(run('i-1', 'i-2'), [row('aws_instance', { id: 'i-1' })])).toMatchObject({
      reason: null,
      findings: [{ reason: 'as-declared' }, { reason: null }],
    })
  })

  it('says of several reasons the one that says most', () => {
    const terminate = call('ec2', 'TerminateInstances', { instancesSet: instances('i-1', 'i-9') })
    const deposed = row('aws_instance', { id: 'i-1' }, { deposedKey: '0001' })
    expect(judge(terminate, [deposed])).toMatchObject({ reason: 'as-declared' })
    expect(judge(terminate, [])).toMatchObject({ reason: 'unmanaged' })
  })
})

describe('the order of rows and of what a call lists', () => {
  const ids = fc.subarray(['i-1', 'i-2', 'vpc-1', 'sg-1'], { minLength: 1 })
  const tags = fc.subarray([
    { key: 'Env', value: 'live' },
    { key: 'Env2', value: 'test' },
    { key: 'Team', value: 'x' },
  ])
  const permissions = fc.subarray(
    [
      {
        ipProtocol: 'tcp',
        fromPort: 22,
        toPort: 22,
        ipRanges: [{ cidrIp: '0.0.0.0/0' }, { cidrIp: '10.0.0.0/8' }],
      },
      { ipProtocol: 'tcp', fromPort: 443, toPort: 443, ipRanges: [{ cidrIp: '10.0.0.0/8' }] },
      { ipProtocol: '-1', groups: [{ groupId: 'sg-1' }, { groupId: 'sg-2' }] },
    ],
    { minLength: 1 },
  )
  const groups = fc.subarray(['sg-1', 'sg-2', 'sg-3', 'sg-4'], { minLength: 1 })
  const calls: fc.Arbitrary<CloudCall> = fc.oneof(
    fc
      .tuple(fc.constantFrom('CreateTags', 'DeleteTags'), ids, tags)
      .map(([name, resources, tagSet]) =>
        call('ec2', name, { resourcesSet: resources.map((resourceId) => ({ resourceId })), tagSet }),
      ),
    fc
      .tuple(fc.constantFrom('AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress'), permissions)
      .map(([name, ipPermissions]) => call('ec2', name, { groupId: 'sg-1', ipPermissions })),
    groups.map((groupSet) =>
      call('ec2', 'ModifyInstanceAttribute', {
        instanceId: 'i-1',
        groupSet: groupSet.map((groupId) => ({ groupId })),
      }),
    ),
    ids.map((list) => call('ec2', 'TerminateInstances', { instancesSet: instances(...list) })),
    ids.map((list) => run(...list)),
  )

  const inline = { from_port: 443, to_port: 443, protocol: 'tcp', cidr_blocks: ['10.0.0.0/8'] }
  const rule = { type: 'ingress', security_group_id: 'sg-1', protocol: 'tcp', from_port: 22, to_port: 22 }
  const attributes: [string, JsonObject][] = [
    ['aws_instance', { id: 'i-1', tags: { Env: 'live' }, vpc_security_group_ids: ['sg-3', 'sg-4'] }],
    ['aws_instance', { id: 'i-1', tags: { Env: 'test' }, vpc_security_group_ids: ['sg-1'] }],
    ['aws_instance', { id: 'i-2', tags: { Env2: 'x', Team: 'x' } }],
    ['aws_vpc', { id: 'vpc-1', tags: {} }],
    ['aws_security_group', { id: 'sg-1', ingress: [inline] }],
    ['aws_security_group', { id: 'sg-1', ingress: [{ ...inline, self: true }] }],
    ['aws_security_group_rule', { id: 'r-1', ...rule, cidr_blocks: ['0.0.0.0/0', '10.0.0.0/8'] }],
    ['aws_security_group_rule', { id: 'r-2', ...rule, cidr_blocks: ['0.0.0.0/0'] }],
    [
      'aws_vpc_security_group_ingress_rule',
      {
        id: 'sgr-1',
        security_group_id: 'sg-1',
        ip_protocol: 'tcp',
        from_port: 443,
        to_port: 443,
        cidr_ipv4: '10.0.0.0/8',
      },
    ],
  ]
  const known = attributes.map(([type, held], i) => row(type, held, { address: `${type}.r${i}` }))

  /** Everything that a finding tells, in one order. */
  function told(one: CloudCall, rows: StateRow[]) {
    const detection = judge(one, rows)
    if (typeof detection === 'string') return detection
    const findings = detection.findings
      .map(({ finding: { call: _, row: spoke, verdicts, apiNames, revertCommand, ...rest }, reason }) => ({
        ...rest,
        reason,
        spoke: spoke?.key,
        verdicts: [...verdicts].sort((a, b) => (a.slot < b.slot ? -1 : 1)),
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
    return { findings, reason: detection.reason }
  }

  function reordered<T extends Json>(value: T, random: () => number): T
  function reordered(value: Json, random: () => number): Json {
    if (Array.isArray(value)) {
      const ranked = value.map((inner) => ({ rank: random(), inner: reordered(inner, random) }))
      return ranked.sort((a, b) => a.rank - b.rank).map(({ inner }) => inner)
    }
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reordered(inner, random)]))
  }

  it('never changes a finding', () => {
    fc.assert(
      fc.property(calls, fc.subarray(known), fc.infiniteStream(fc.nat(1_000)), (one, rows, dice) => {
        const random = () => dice.next().value!
        const other = {
          ...one,
          request: reordered(one.request, random),
          response: reordered(one.response, random),
        }
        const shuffled = rows
          .map((held) => ({ rank: random(), held }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ held }) => held)
        expect(told(other, shuffled)).toEqual(told(one, rows))
      }),
      { numRuns: 150 },
    )
  })
})
