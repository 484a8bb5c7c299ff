import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Atom,
  atomElement,
  atomPermission,
  atomText,
  requestAtoms,
  responseRules,
} from '../../../processors/detect/security-group-atoms.ts'
import { blockAtoms, rowAtoms } from '../../../processors/detect/security-group-row-atoms.ts'
import type { Json, JsonObject } from '../../../processors/finding.ts'
import { row } from '../../support/detect.ts'

const texts = (atoms: readonly Atom[]) => atoms.map(atomText)
const request = (value: JsonObject) => texts(requestAtoms(value, 'sg-1'))
const https = { ipProtocol: 'tcp', fromPort: 443, toPort: 443 }

describe('the rules of a request', () => {
  it('are one for each peer of each permission', () => {
    expect(
      request({
        ipPermissions: [
          {
            ...https,
            ipRanges: [{ cidrIp: '10.0.0.0/8' }, { cidrIp: '10.1.0.0/16', description: 'office' }],
            ipv6Ranges: [{ cidrIpv6: '2001:DB8::/32' }],
            groups: [{ groupId: 'sg-2', userId: '123456789012' }],
            prefixListIds: [{ prefixListId: 'pl-1' }],
          },
          { ipProtocol: 'udp', fromPort: 53, toPort: 53, ipRanges: { cidrIp: '0.0.0.0/0' }, groups: {} },
        ],
      }),
    ).toEqual([
      'tcp 443 443 cidr_blocks 10.0.0.0/8',
      'tcp 443 443 cidr_blocks 10.1.0.0/16',
      'tcp 443 443 ipv6_cidr_blocks 2001:db8::/32',
      'tcp 443 443 security_groups sg-2',
      'tcp 443 443 prefix_list_ids pl-1',
      'udp 53 53 cidr_blocks 0.0.0.0/0',
    ])
  })

  it('may stand in the older flat form', () => {
    expect(request({ ...https, cidrIp: '0.0.0.0/0', ipPermissions: {} })).toEqual([
      'tcp 443 443 cidr_blocks 0.0.0.0/0',
    ])
    expect(request({ ...https, cidrIpv6: '::/0' })).toEqual(['tcp 443 443 ipv6_cidr_blocks ::/0'])
    expect(request({ ...https, sourceSecurityGroupId: 'sg-2' })).toEqual(['tcp 443 443 security_groups sg-2'])
    expect(request({ groupId: 'sg-1' })).toEqual([])
  })
})

describe('two spellings of one rule are one', () => {
  const flat = (more: JsonObject) => request({ cidrIp: '0.0.0.0/0', ...more })[0]

  it.each([
    [
      { ipProtocol: '6', fromPort: 22, toPort: 22 },
      { ipProtocol: 'tcp', fromPort: '22', toPort: '22' },
    ],
    [
      { ipProtocol: 17, fromPort: 53, toPort: 53 },
      { ipProtocol: 'UDP', fromPort: 53, toPort: 53 },
    ],
    [{ ipProtocol: '-1' }, { ipProtocol: 'all', fromPort: 0, toPort: 0 }],
    [
      { ipProtocol: '-1', fromPort: -1, toPort: -1 },
      { ipProtocol: '-1', fromPort: 0, toPort: 65535 },
    ],
    [{}, { ipProtocol: '-1' }],
  ] as JsonObject[][])('%j and %j', (one, other) => {
    expect(flat(one!)).toBe(flat(other!))
  })

  it.each([
    [
      { ipProtocol: 'tcp', fromPort: 22, toPort: 22 },
      { ipProtocol: 'udp', fromPort: 22, toPort: 22 },
    ],
    [
      { ipProtocol: 'tcp', fromPort: 22, toPort: 22 },
      { ipProtocol: 'tcp', fromPort: 22, toPort: 23 },
    ],
    [{ ipProtocol: 'tcp', fromPort: 0, toPort: 0 }, { ipProtocol: 'tcp' }],
    [
      { ipProtocol: 'icmp', fromPort: 8, toPort: 0 },
      { ipProtocol: 'icmp', fromPort: -1, toPort: -1 },
    ],
  ] as JsonObject[][])('but not %j and %j', (one, other) => {
    expect(flat(one!)).not.toBe(flat(other!))
  })
})

describe('the rules of an answer', () => {
  it('have their ids', () => {
    const answer = [
      { securityGroupRuleId: 'sgr-1', ...https, cidrIpv4: '10.0.0.0/8', groupId: 'sg-1' },
      { securityGroupRuleId: 'sgr-2', ...https, referencedGroupInfo: { groupId: 'sg-2' } },
      { securityGroupRuleId: 'sgr-3', ...https, cidrIpv6: '::/0' },
      { securityGroupRuleId: 'sgr-4', ...https, prefixListId: 'pl-1' },
      { ...https, cidrIpv4: '10.0.0.0/8' },
      { securityGroupRuleId: 'sgr-6', ...https },
    ]
    expect(responseRules(answer, 'sg-1').map(({ id, atom }) => `${id} ${atomText(atom)}`)).toEqual([
      'sgr-1 tcp 443 443 cidr_blocks 10.0.0.0/8',
      'sgr-2 tcp 443 443 security_groups sg-2',
      'sgr-3 tcp 443 443 ipv6_cidr_blocks ::/0',
      'sgr-4 tcp 443 443 prefix_list_ids pl-1',
    ])
  })

  it('are none where it names none', () => {
    for (const value of [undefined, null, {}, [], 'text'] as (Json | undefined)[]) {
      expect(responseRules(value, 'sg-1')).toEqual([])
    }
  })
})

describe('the rules of a state', () => {
  const ports = { from_port: 443, to_port: 443 }

  it.each([
    ['aws_vpc_security_group_ingress_rule', { ip_protocol: 'tcp', cidr_ipv4: '10.0.0.0/8' }],
    ['aws_vpc_security_group_egress_rule', { ip_protocol: '6', cidr_ipv4: '10.0.0.0/8', cidr_ipv6: null }],
    ['aws_security_group_rule', { protocol: 'tcp', cidr_blocks: ['10.0.0.0/8'], ipv6_cidr_blocks: null }],
  ])('%s holds the rule', (type, attributes) => {
    expect(texts(rowAtoms(row(type, { ...ports, ...attributes }), 'sg-1'))).toEqual([
      'tcp 443 443 cidr_blocks 10.0.0.0/8',
    ])
  })

  it.each([
    ['aws_vpc_security_group_ingress_rule', { ip_protocol: 'tcp', referenced_security_group_id: 'sg-1' }],
    ['aws_vpc_security_group_ingress_rule', { ip_protocol: 'tcp', referenced_security_group_id: 'self' }],
    ['aws_security_group_rule', { protocol: 'tcp', self: true, source_security_group_id: 'sg-1' }],
    ['aws_security_group_rule', { protocol: 'tcp', self: 'true' }],
    ['aws_security_group_rule', { protocol: 'tcp', source_security_group_id: '123456789012/sg-1' }],
  ])('%s with %j has the group itself as its peer, once', (type, attributes) => {
    expect(texts(rowAtoms(row(type, { ...ports, ...attributes }), 'sg-1'))).toEqual([
      'tcp 443 443 security_groups sg-1',
    ])
  })

  it('are one for each peer of an inline block', () => {
    const block = {
      ...ports,
      protocol: 'tcp',
      cidr_blocks: ['10.0.0.0/8', '10.1.0.0/16', ''],
      ipv6_cidr_blocks: ['::/0'],
      security_groups: ['sg-2'],
      prefix_list_ids: [],
      self: true,
      description: '',
    }
    expect(texts(blockAtoms(block, 'sg-1'))).toEqual([
      'tcp 443 443 cidr_blocks 10.0.0.0/8',
      'tcp 443 443 cidr_blocks 10.1.0.0/16',
      'tcp 443 443 ipv6_cidr_blocks ::/0',
      'tcp 443 443 security_groups sg-2',
      'tcp 443 443 security_groups sg-1',
    ])
  })
})

describe('a rule written down again', () => {
  const address = fc.constantFrom(
    { cidrIp: '0.0.0.0/0' },
    { cidrIpv6: '::/0' },
    { sourceSecurityGroupId: 'sg-1' },
    { sourceSecurityGroupId: 'sg-2' },
  )
  const port = fc.integer({ min: 0, max: 65_535 })
  const atom = fc
    .record({
      ipProtocol: fc.constantFrom('tcp', 'udp', '-1', 'icmp', '50'),
      fromPort: port,
      toPort: port,
      address,
    })
    .map(({ address: peer, ...permission }) => requestAtoms({ ...permission, ...peer }, 'sg-1')[0]!)

  it("is the same rule in Terraform's form", () => {
    fc.assert(
      fc.property(atom, (one) => {
        expect(texts(blockAtoms(atomElement(one, 'sg-1'), 'sg-1'))).toEqual([atomText(one)])
      }),
    )
  })

  it("is the same rule in the API's form", () => {
    const lowerFirst = (value: Json): Json =>
      JSON.parse(JSON.stringify(value), (_, inner: Json) =>
        typeof inner === 'object' && inner !== null && !Array.isArray(inner)
          ? Object.fromEntries(Object.entries(inner).map(([k, v]) => [k[0]!.toLowerCase() + k.slice(1), v]))
          : inner,
      )
    fc.assert(
      fc.property(atom, (one) => {
        const { userIdGroupPairs, ...permission } = lowerFirst(atomPermission(one)) as JsonObject
        const groups = userIdGroupPairs ?? null
        expect(request({ ipPermissions: [{ ...permission, groups }] })).toEqual([atomText(one)])
      }),
    )
  })

  it('keeps its description, which is no part of what it is', () => {
    const ipRanges = [{ cidrIp: '10.0.0.0/8', description: 'office' }]
    const [one] = requestAtoms({ ipPermissions: [{ ...https, ipRanges }] }, 'sg-1')
    expect(atomElement(one!, 'sg-1')).toEqual({
      from_port: 443,
      to_port: 443,
      protocol: 'tcp',
      cidr_blocks: ['10.0.0.0/8'],
      description: 'office',
    })
    expect(atomText(one!)).not.toContain('office')
  })
})
