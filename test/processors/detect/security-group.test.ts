import { describe, expect, it } from 'vitest'
import type { CloudCall, JsonObject, StateRow } from '../../../processors/finding.ts'
import { alerts, call, judge, row } from '../../support/detect.ts'
import { anActor } from '../a-finding.ts'

const permission = (port: number, ...ranges: string[]): JsonObject => ({
  ipProtocol: 'tcp',
  fromPort: port,
  toPort: port,
  ipRanges: ranges.map((cidrIp) => ({ cidrIp })),
})
const answered = (port: number, range: string, id: string): JsonObject => ({
  securityGroupRuleId: id,
  groupId: 'sg-1',
  ipProtocol: 'tcp',
  fromPort: port,
  toPort: port,
  cidrIpv4: range,
})

type More = Partial<CloudCall> & { answer?: JsonObject[] }
function sgCall(name: string, request: JsonObject, answerName: string, { answer, ...more }: More): CloudCall {
  const response = answer ? { response: { [answerName]: answer } } : {}
  return call('ec2', name, { groupId: 'sg-1', ...request }, { ...response, ...more })
}
const authorize = (permissions: JsonObject[], more: More = {}) =>
  sgCall('AuthorizeSecurityGroupIngress', { ipPermissions: permissions }, 'securityGroupRuleSet', more)
const revoke = (permissions: JsonObject[], more: More = {}) =>
  sgCall('RevokeSecurityGroupIngress', { ipPermissions: permissions }, 'revokedSecurityGroupRuleSet', more)
const revokeById = (ids: string[], more: More = {}) => {
  const securityGroupRuleIds = ids.map((securityGroupRuleId) => ({ securityGroupRuleId }))
  return sgCall('RevokeSecurityGroupIngress', { securityGroupRuleIds }, 'revokedSecurityGroupRuleSet', more)
}

const office = '10.0.0.0/8'
const world = '0.0.0.0/0'
const block = (port: number, ...cidr_blocks: string[]): JsonObject => ({
  from_port: port,
  to_port: port,
  protocol: 'tcp',
  cidr_blocks,
  description: '',
  self: false,
})

/** The four shapes in which a state can hold office on 443. */
const asIngressRule = row('aws_vpc_security_group_ingress_rule', {
  id: 'sgr-1',
  security_group_rule_id: 'sgr-1',
  security_group_id: 'sg-1',
  ip_protocol: 'tcp',
  from_port: 443,
  to_port: 443,
  cidr_ipv4: office,
})
const asRule = row('aws_security_group_rule', {
  id: 'sgrule-1',
  type: 'ingress',
  security_group_id: 'sg-1',
  protocol: 'tcp',
  from_port: 443,
  to_port: 443,
  cidr_blocks: [office],
})
const asGroup = row('aws_security_group', { id: 'sg-1', ingress: [block(443, office)] })
const asDefaultGroup = row('aws_default_security_group', { id: 'sg-1', ingress: [block(443, office)] })
const shapes: [string, StateRow][] = [
  ['a rule resource', asIngressRule],
  ['an older rule resource', asRule],
  ['a group with inline rules', asGroup],
  ["a VPC's default group with inline rules", asDefaultGroup],
]

describe.each(shapes)('a rule that a state holds as %s', (_, held) => {
  it('is as declared where it is added', () => {
    expect(judge(authorize([permission(443, office)]), [held])).toMatchObject({
      reason: 'as-declared',
      findings: [{ finding: { resource: { type: held.type, id: held.id }, diffs: [] } }],
    })
  })

  it('is missed where it is taken away', () => {
    const [found, ...more] = alerts(revoke([permission(443, office)]), [held])
    expect(found).toMatchObject({ resource: { type: held.type, id: held.id }, row: { key: held.key } })
    expect(found!.type).toBe(held.type.endsWith('group') ? 'attribute_drift' : 'resource_deleted')
    expect(found!.revertCommand).toBe(
      `aws ec2 authorize-security-group-ingress --group-id sg-1 --ip-permissions '[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"IpRanges":[{"CidrIp":"${office}"}]}]'`,
    )
    expect(more).toEqual([])
  })

  it('does not hold the same rule of the other direction', () => {
    const request = { groupId: 'sg-1', ipPermissions: [permission(443, office)] }
    expect(alerts(call('ec2', 'AuthorizeSecurityGroupEgress', request), [held])).toMatchObject([
      { type: 'unmanaged_resource', resource: { type: 'aws_vpc_security_group_egress_rule' } },
    ])
    expect(judge(call('ec2', 'RevokeSecurityGroupEgress', request), [held])).toMatchObject({
      reason: 'unmanaged',
    })
  })

  it('is not that of a group of the same id in another region', () => {
    expect(alerts(authorize([permission(443, office)], { region: 'us-east-1' }), [held])).toMatchObject([
      { type: 'unmanaged_resource' },
    ])
  })
})

describe('a rule added to a group', () => {
  it('with inline rules is a drift of the group, with the new rules as elements', () => {
    expect(
      alerts(authorize([permission(22, world, office), permission(443, office)]), [asGroup]),
    ).toMatchObject([
      {
        type: 'attribute_drift',
        resourceKey: 'aws/123456789012/eu-west-1/aws_security_group/sg-1',
        diffs: [{ attribute: 'ingress', oldValue: null, changeType: 'added' }],
        verdicts: [
          { slot: `ingress#tcp 22 22 cidr_blocks ${world}`, differs: true },
          { slot: `ingress#tcp 22 22 cidr_blocks ${office}`, differs: true },
          { slot: `ingress#tcp 443 443 cidr_blocks ${office}`, differs: false },
        ],
        apiNames: { ingress: ['ipPermissions'] },
      },
    ])
    const [found] = alerts(authorize([permission(22, world)]), [asGroup])
    expect(JSON.parse(found!.diffs[0]!.newValue!)).toEqual([
      { from_port: 22, to_port: 22, protocol: 'tcp', cidr_blocks: [world] },
    ])
    expect(found!.revertCommand).toMatch(/^aws ec2 revoke-security-group-ingress --group-id sg-1 /)
  })

  it('in the flat form is the same', () => {
    const flat = {
      groupId: 'sg-1',
      ipPermissions: {},
      ipProtocol: 'tcp',
      fromPort: 22,
      toPort: 22,
      cidrIp: world,
    }
    const [expected] = alerts(authorize([permission(22, world)]), [asGroup])
    const [found] = alerts(call('ec2', 'AuthorizeSecurityGroupIngress', flat), [asGroup])
    expect(found!.diffs).toEqual(expected!.diffs)
  })

  it('with the group itself as its peer is written as self', () => {
    const own = { ipProtocol: '-1', groups: [{ groupId: 'sg-1' }] }
    const [found] = alerts(authorize([own]), [asGroup])
    expect(JSON.parse(found!.diffs[0]!.newValue!)).toEqual([
      { from_port: 0, to_port: 0, protocol: '-1', self: true },
    ])
    const held = row('aws_security_group', {
      id: 'sg-1',
      ingress: [{ from_port: 0, to_port: 0, protocol: '-1', self: true }],
    })
    expect(judge(authorize([own]), [held])).toMatchObject({ reason: 'as-declared' })
  })

  it('whose rules are resources, or of which nothing is known, is a rule that nobody manages', () => {
    for (const rows of [[asIngressRule], [asRule], [asGroup, asIngressRule], []]) {
      const answer = [answered(22, world, 'sgr-9')]
      expect(alerts(authorize([permission(22, world)], { answer }), rows)).toMatchObject([
        {
          type: 'unmanaged_resource',
          resourceKey: 'aws/123456789012/eu-west-1/aws_vpc_security_group_ingress_rule/sgr-9',
          row: null,
          made: {
            security_group_id: 'sg-1',
            ip_protocol: 'tcp',
            from_port: 22,
            to_port: 22,
            cidr_ipv4: world,
            id: 'sgr-9',
          },
        },
      ])
    }
  })

  it('is known by its group and its text where nobody says its id', () => {
    const [first] = alerts(authorize([permission(22, world)]), [])
    const [second] = alerts(authorize([permission(23, world)]), [])
    expect(first!.resource!.id).toBe(`sg-1|tcp 22 22 cidr_blocks ${world}`)
    expect(first!.id).not.toBe(second!.id)
  })

  it('ends where the same rule is taken away again', () => {
    const answer = [answered(22, world, 'sgr-9')]
    for (const more of [{}, { answer }]) {
      const [added] = alerts(authorize([permission(22, world)], more), [asIngressRule])
      expect(judge(revoke([permission(22, world)], more), [asIngressRule])).toMatchObject({
        reason: 'unmanaged',
        findings: [
          { finding: { driftId: added!.driftId, verdicts: [{ slot: 'resource', differs: false }] } },
        ],
      })
    }
  })

  it('beside one that is declared leaves that one as declared', () => {
    const found = judge(authorize([permission(22, world), permission(443, office)]), [asIngressRule])
    expect(found).toMatchObject({
      reason: null,
      findings: [
        { reason: 'as-declared', finding: { resource: { id: 'sgr-1' } } },
        { reason: null, finding: { type: 'unmanaged_resource' } },
      ],
    })
  })

  it("by a service is the service's own", () => {
    const one = authorize([permission(22, world)], { actor: anActor({ tool: 'service' }) })
    expect(judge(one, [])).toEqual({ findings: [], reason: 'service-created' })
  })

  it('that is named by the answer alone is found all the same', () => {
    const one = call(
      'ec2',
      'AuthorizeSecurityGroupIngress',
      { groupName: 'default', ipPermissions: [permission(22, world)] },
      { response: { securityGroupRuleSet: [answered(22, world, 'sgr-9')] } },
    )
    expect(alerts(one, [asGroup])).toMatchObject([{ resource: { type: 'aws_security_group', id: 'sg-1' } }])
    expect(judge({ ...one, response: {} }, [asGroup])).toBe('no-effect')
  })
})

describe('rules taken away', () => {
  const many = { ...asRule, attributes: { ...asRule.attributes, cidr_blocks: [office, world] } }

  it('from a rule resource with several peers is a drift of it, until all are gone', () => {
    expect(alerts(revoke([permission(443, world)]), [many])).toMatchObject([
      {
        type: 'attribute_drift',
        resource: { id: 'sgrule-1' },
        diffs: [
          { attribute: 'cidr_blocks', oldValue: `["${world}"]`, newValue: null, changeType: 'removed' },
        ],
        verdicts: [{ slot: `cidr_blocks#${world}`, differs: true }],
      },
    ])
    expect(alerts(revoke([permission(443, world, office)]), [many])).toMatchObject([
      { type: 'resource_deleted' },
    ])
  })

  it('from an inline block are reported one by one', () => {
    const group = row('aws_security_group', { id: 'sg-1', ingress: [block(443, office, world)] })
    const [found] = alerts(revoke([permission(443, world)]), [group])
    expect(JSON.parse(found!.diffs[0]!.oldValue!)).toEqual([
      { from_port: 443, to_port: 443, protocol: 'tcp', cidr_blocks: [world] },
    ])
    expect(judge(revoke([permission(22, world)]), [group])).toMatchObject({ reason: 'as-declared' })
  })

  it('by id are those of the answer', () => {
    const answer = [answered(443, office, 'sgr-1')]
    for (const [, held] of shapes) {
      expect(alerts(revokeById(['sgr-1'], { answer }), [held])).toMatchObject([
        { resource: { type: held.type, id: held.id } },
      ])
    }
  })

  it('by id are found by it, where the answer does not tell them', () => {
    expect(alerts(revokeById(['sgr-1']), [asIngressRule])).toMatchObject([
      { type: 'resource_deleted', resource: { id: 'sgr-1' } },
    ])
    expect(judge(revokeById(['sgr-9']), [asIngressRule])).not.toMatchObject({ reason: null })
  })

  it('of which one is declared and one is not: the one is missed, and the other ends', () => {
    const answer = [answered(22, world, 'sgr-9'), answered(443, office, 'sgr-1')]
    const one = revoke([permission(22, world), permission(443, office)], { answer })
    const [added] = alerts(authorize([permission(22, world)], { answer }), [asIngressRule])
    expect(judge(one, [asIngressRule])).toMatchObject({
      reason: null,
      findings: [
        { reason: null, finding: { type: 'resource_deleted', resource: { id: 'sgr-1' } } },
        { reason: 'unmanaged', finding: { driftId: added!.driftId } },
      ],
    })
  })
})

describe('two states', () => {
  it('that hold a rule give one finding, which names the other', () => {
    const twin = { ...asIngressRule, key: 'a', source: 'b.tfstate' }
    expect(alerts(revoke([permission(443, office)]), [asIngressRule, twin])).toMatchObject([
      { row: { key: 'a' }, resource: { alsoManagedBy: [`terraform.tfstate: ${asIngressRule.address}`] } },
    ])
  })

  it('that hold a rule in two shapes give one finding, of the newer shape', () => {
    for (const rows of [
      [asIngressRule, asRule],
      [
        { ...asRule, key: 'a' },
        { ...asIngressRule, key: 'b' },
      ],
    ]) {
      expect(alerts(revoke([permission(443, office)]), rows)).toMatchObject([
        { type: 'resource_deleted', resource: { id: 'sgr-1' } },
      ])
    }
  })

  it('that hold a group inline give one finding, of the one that differs', () => {
    const other = row(
      'aws_security_group',
      { id: 'sg-1', ingress: [block(443, office), block(22, world)] },
      { key: 'a', source: 'b.tfstate' },
    )
    expect(alerts(authorize([permission(22, world)]), [other, asGroup])).toMatchObject([
      { row: { key: asGroup.key }, resource: { alsoManagedBy: ['b.tfstate: aws_security_group.this'] } },
    ])
  })
})

it('inline rules that are a secret are not shown', () => {
  const secret = row('aws_security_group', { id: 'sg-1', ingress: 'hmac-sha256:x' })
  expect(alerts(authorize([permission(22, world)]), [secret])).toMatchObject([
    {
      diffs: [{ attribute: 'ingress', oldValue: null, newValue: null, sensitive: true }],
      revertCommand: null,
    },
  ])
})
