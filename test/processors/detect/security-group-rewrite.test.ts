import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import { alerts, call, judge, row } from '../../support/detect.ts'

const rewrite = (rule: JsonObject, id = 'sgr-1') =>
  call('ec2', 'ModifySecurityGroupRules', {
    groupId: 'sg-1',
    securityGroupRule: { securityGroupRuleId: id, securityGroupRule: rule },
  })
const opened = { ipProtocol: 'tcp', fromPort: 22, toPort: 22, cidrIpv4: '0.0.0.0/0' }
const block = (port: number): JsonObject => ({
  from_port: port,
  to_port: port,
  protocol: 'tcp',
  cidr_blocks: ['10.0.0.0/8'],
  self: false,
  description: '',
})
const group = (attributes: JsonObject) => row('aws_security_group', { id: 'sg-1', ...attributes })
const older = (attributes: JsonObject) =>
  row('aws_security_group_rule', {
    id: 'sgrule-1',
    type: 'ingress',
    security_group_id: 'sg-1',
    protocol: 'tcp',
    from_port: 443,
    to_port: 443,
    cidr_blocks: ['10.0.0.0/8'],
    ...attributes,
  })

const uncompared = (type: string, id: string) => [
  { type: 'attribute_drift', compared: false, diffs: [], resource: { type, id } },
]

describe('a rule that is rewritten by its id', () => {
  it('is not compared where its group holds rules inline: nobody knows which it was', () => {
    expect(alerts(rewrite(opened), [group({ ingress: [block(443)], egress: [] })])).toMatchObject(
      uncompared('aws_security_group', 'sg-1'),
    )
  })

  it('is as declared where the group holds inline what it has become, in either direction', () => {
    const back = { ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIpv4: '10.0.0.0/8' }
    for (const direction of ['ingress', 'egress'])
      expect(judge(rewrite(back), [group({ [direction]: [block(443)] })])).toMatchObject({
        reason: 'as-declared',
      })
  })

  it('is not compared where a rule resource may be it that does not say its id', () => {
    const rows = [group({ ingress: [block(443)] }), older({})]
    expect(alerts(rewrite(opened), rows)).toMatchObject(uncompared('aws_security_group', 'sg-1'))
  })

  it("is nobody's where all rule resources say their ids, and none is it", () => {
    const rows = [group({ ingress: [block(443)] }), older({ security_group_rule_id: 'sgr-9' })]
    expect(judge(rewrite(opened), rows)).toMatchObject({ reason: 'unmanaged', findings: [] })
  })

  it('was of the group itself, and is now of a range', () => {
    const self = older({ security_group_rule_id: 'sgr-1', cidr_blocks: [], self: true })
    expect(alerts(rewrite({ ...opened, fromPort: 443, toPort: 443 }), [self])).toMatchObject([
      {
        diffs: [
          { attribute: 'cidr_blocks', changeType: 'added' },
          { attribute: 'self', oldValue: 'true', newValue: 'false' },
        ],
      },
    ])
  })

  it('stays one of the group itself', () => {
    const self = older({ security_group_rule_id: 'sgr-1', cidr_blocks: [], self: true })
    const rule = { ipProtocol: 'tcp', fromPort: 443, toPort: 443, referencedGroupId: 'sg-1' }
    expect(judge(rewrite(rule), [self])).toMatchObject({ reason: 'as-declared' })
  })

  it('of a call without a group is none', () => {
    expect(judge(call('ec2', 'ModifySecurityGroupRules', {}), [])).toBe('no-effect')
  })
})

describe('a rule that is revoked by its id alone', () => {
  const revoke = call('ec2', 'RevokeSecurityGroupIngress', {
    groupId: 'sg-1',
    securityGroupRuleIds: [{ securityGroupRuleId: 'sgr-1' }],
  })

  it('is not compared where its group holds rules inline', () => {
    expect(alerts(revoke, [group({ ingress: [block(443)] })])).toMatchObject(
      uncompared('aws_security_group', 'sg-1'),
    )
    const byDefault = row('aws_default_security_group', { id: 'sg-1', ingress: [block(443)] })
    expect(alerts(revoke, [byDefault])).toMatchObject(uncompared('aws_default_security_group', 'sg-1'))
  })

  it("is nobody's where the group holds none", () => {
    expect(alerts(revoke, [group({ ingress: [], egress: [block(443)] })])).toEqual([])
  })
})

describe('a rule that is described by its id', () => {
  const describes = (id: string) =>
    call('ec2', 'UpdateSecurityGroupRuleDescriptionsIngress', {
      groupId: 'sg-1',
      securityGroupRuleDescription: [{ securityGroupRuleId: id, description: 'office' }],
    })

  it('is compared where a rule resource is it', () => {
    expect(alerts(describes('sgr-1'), [older({ security_group_rule_id: 'sgr-1' })])).toMatchObject([
      { diffs: [{ attribute: 'description', newValue: '"office"' }] },
    ])
  })

  it('is not compared where its group holds rules inline', () => {
    expect(alerts(describes('sgr-1'), [group({ ingress: [block(443)] })])).toMatchObject(
      uncompared('aws_security_group', 'sg-1'),
    )
  })
})
