/** An apply and a destroy of Terraform, as CloudTrail records in their real shapes, with the states around them. */
import type { AlertJson } from '../../connectors/alert-json.ts'

const ACCOUNT = '123456789012'
const REGION = 'eu-west-1'

type Json = Record<string, unknown>

/** Who makes the calls. */
export type Caller = keyof typeof callers

const agent =
  'APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.80.0 ' +
  '(+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.32.6 ua/2.1 os/linux lang/go#1.23.3'

export const terraformRole = `arn:aws:iam::${ACCOUNT}:role/terraform`

const ci = {
  type: 'AssumedRole',
  principalId: 'AROAEXAMPLE000000007:run-7',
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/terraform/run-7`,
  accountId: ACCOUNT,
  accessKeyId: 'ASIAEXAMPLE000000007',
  sessionContext: {
    sessionIssuer: {
      type: 'Role',
      principalId: 'AROAEXAMPLE000000007',
      arn: terraformRole,
      accountId: ACCOUNT,
      userName: 'terraform',
    },
    attributes: { creationDate: '2026-03-02T09:55:12Z', mfaAuthenticated: 'false' },
  },
}
const person = {
  type: 'IAMUser',
  principalId: 'AIDAEXAMPLE000000003',
  arn: `arn:aws:iam::${ACCOUNT}:user/mallory`,
  accountId: ACCOUNT,
  accessKeyId: 'AKIAEXAMPLE000000003',
  userName: 'mallory',
}

const callers = {
  terraform: { userIdentity: ci, userAgent: `[${agent}]` },
  hand: { userIdentity: person, userAgent: 'aws-cli/2.15.30 md/awscrt#0.19.19 ua/2.0 os/linux#6.1.0' },
  forged: { userIdentity: person, userAgent: agent },
}

const web = 'i-0a1b2c3d4e5f60101'
const worker = 'i-0f9e8d7c6b5a40909'
const group = 'sg-0c1d2e3f405162738'
const shared = 'sg-0a1b2c3d4e5f60001'
const rule = 'sgr-0aa11bb22cc33dd44'
const bucket = 'shop-orders'
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess'

const inlinePolicy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['s3:GetObject'], Resource: `arn:aws:s3:::${bucket}/*` }],
})
const bucketPolicy = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: `arn:aws:s3:::${bucket}/*`,
      Condition: insecure(),
    },
  ],
}

function insecure(): Json {
  return { Bool: { 'aws:SecureTransport': 'false' } }
}

interface Call {
  service: string
  name: string
  request: Json
  response?: Json | null
  /** Where CloudTrail records the calls of a global service. */
  region?: string
  /** What it is an alert of, made by hand against the state before; of calls that are not mapped yet, nothing. */
  gives: string[]
}

const permission = (port: number, cidrIp: string): Json => ({
  ipProtocol: 'tcp',
  fromPort: port,
  toPort: port,
  groups: {},
  ipRanges: { items: [{ cidrIp }] },
  ipv6Ranges: {},
  prefixListIds: {},
})
const everywhere = {
  ipProtocol: '-1',
  groups: {},
  ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] },
  ipv6Ranges: {},
  prefixListIds: {},
}

const applied: Call[] = [
  {
    service: 'ec2',
    name: 'CreateSecurityGroup',
    request: {
      groupName: 'worker',
      groupDescription: 'Managed by Terraform',
      vpcId: 'vpc-0123456789abcdef0',
    },
    response: { requestId: 'd7b5c0f3-1111-4c1f-8f3a-0a1b2c3d4e5f', _return: true, groupId: group },
    gives: [],
  },
  {
    service: 'ec2',
    name: 'RevokeSecurityGroupEgress',
    request: { groupId: group, ipPermissions: { items: [everywhere] } },
    response: { _return: true, unknownIpPermissionSet: {} },
    gives: [],
  },
  {
    service: 'ec2',
    name: 'AuthorizeSecurityGroupIngress',
    request: {
      groupId: group,
      ipPermissions: { items: [permission(22, '10.0.0.0/8'), permission(443, '10.0.0.0/8')] },
    },
    response: { _return: true, securityGroupRuleSet: {} },
    gives: ['unmanaged_resource', 'unmanaged_resource'],
  },
  {
    service: 'ec2',
    name: 'AuthorizeSecurityGroupEgress',
    request: { groupId: group, ipPermissions: { items: [permission(443, '0.0.0.0/0')] } },
    response: { _return: true, securityGroupRuleSet: {} },
    gives: ['unmanaged_resource'],
  },
  {
    service: 'ec2',
    name: 'RunInstances',
    request: {
      instancesSet: { items: [{ imageId: 'ami-0f1e2d3c4b5a69788', minCount: 1, maxCount: 1 }] },
      instanceType: 't3.small',
      tagSpecificationSet: {
        items: [{ resourceType: 'instance', tags: [{ key: 'Name', value: 'worker' }] }],
      },
    },
    response: { instancesSet: { items: [{ instanceId: worker, instanceType: 't3.small' }] } },
    gives: ['unmanaged_resource'],
  },
  {
    service: 'ec2',
    name: 'CreateTags',
    request: {
      resourcesSet: { items: [{ resourceId: web }] },
      tagSet: { items: [{ key: 'Environment', value: 'production' }] },
    },
    response: { _return: true },
    gives: ['attribute_drift'],
  },
  {
    service: 'ec2',
    name: 'ModifyInstanceAttribute',
    request: { instanceId: web, instanceType: { value: 't3.large' } },
    response: { _return: true },
    gives: ['attribute_drift'],
  },
  {
    service: 'iam',
    name: 'PutRolePolicy',
    region: 'us-east-1',
    request: { roleName: 'shop', policyName: 'read-orders', policyDocument: inlinePolicy },
    gives: ['unmanaged_resource'],
  },
  {
    service: 'iam',
    name: 'AttachRolePolicy',
    region: 'us-east-1',
    request: { roleName: 'shop', policyArn: readOnly },
    gives: ['unmanaged_resource'],
  },
  {
    service: 's3',
    name: 'PutBucketPolicy',
    request: { bucketName: bucket, bucketPolicy, Host: `${bucket}.s3.${REGION}.amazonaws.com`, policy: '' },
    gives: ['unmanaged_resource'],
  },
]

const destroyed: Call[] = [
  {
    service: 's3',
    name: 'DeleteBucketPolicy',
    request: { bucketName: bucket, Host: `${bucket}.s3.${REGION}.amazonaws.com`, policy: '' },
    gives: ['resource_deleted'],
  },
  {
    service: 'iam',
    name: 'DetachRolePolicy',
    region: 'us-east-1',
    request: { roleName: 'shop', policyArn: readOnly },
    gives: ['resource_deleted'],
  },
  {
    service: 'ec2',
    name: 'RevokeSecurityGroupIngress',
    request: { groupId: shared, securityGroupRuleIds: { items: [{ securityGroupRuleId: rule }] } },
    response: {
      _return: true,
      revokedSecurityGroupRuleSet: {
        items: [
          {
            securityGroupRuleId: rule,
            groupId: shared,
            isEgress: false,
            ipProtocol: 'tcp',
            fromPort: 8080,
            toPort: 8080,
            cidrIpv4: '10.0.0.0/8',
          },
        ],
      },
    },
    gives: ['resource_deleted'],
  },
  {
    service: 'ec2',
    name: 'TerminateInstances',
    request: { instancesSet: { items: [{ instanceId: web }, { instanceId: worker }] } },
    response: { instancesSet: { items: [{ instanceId: web }, { instanceId: worker }] } },
    gives: ['resource_deleted', 'resource_deleted'],
  },
  {
    service: 'ec2',
    name: 'DeleteSecurityGroup',
    request: { groupId: group },
    response: { _return: true },
    gives: [],
  },
  {
    service: 'iam',
    name: 'DeleteRolePolicy',
    region: 'us-east-1',
    request: { roleName: 'shop', policyName: 'read-orders' },
    gives: [],
  },
  { service: 'iam', name: 'DeleteRole', region: 'us-east-1', request: { roleName: 'shop' }, gives: [] },
  {
    service: 's3',
    name: 'DeleteBucket',
    request: { bucketName: bucket, Host: `${bucket}.s3.${REGION}.amazonaws.com` },
    gives: [],
  },
]

/** A run of Terraform: its records, one a second, and the alerts that the same calls give when they are no run of it. */
export interface TerraformRun {
  records(by: Caller): Json[]
  /** `EVENT TYPE`, sorted. */
  alerts: string[]
  /** The same of alerts, but for those of calls that give none yet. */
  told(alerts: readonly Pick<AlertJson, 'sourceEvent' | 'type'>[]): string[]
  /** How many of the calls differ from the state before. */
  differing: number
}

export const apply = runOf('a', applied)
export const destroy = runOf('d', destroyed)

function runOf(letter: string, calls: readonly Call[]): TerraformRun {
  const giving = calls.filter(({ gives }) => gives.length > 0)
  return {
    records: (by) =>
      calls.map((call, n) =>
        record(call, by, `${letter.repeat(8)}-0000-4000-8000-${by.padEnd(8, '0')}${n}`, n),
      ),
    alerts: giving.flatMap(({ name, gives }) => gives.map((type) => `${name} ${type}`)).sort(),
    told: (alerts) =>
      alerts
        .filter(({ sourceEvent }) => giving.some(({ name }) => name === sourceEvent.name))
        .map(({ sourceEvent, type }) => `${sourceEvent.name} ${type}`)
        .sort(),
    differing: giving.length,
  }
}

function record(
  { service, name, request, response = null, region = REGION }: Call,
  by: Caller,
  id: string,
  n: number,
) {
  const second = String(n).padStart(2, '0')
  return {
    eventVersion: '1.11',
    ...callers[by],
    eventTime: `2026-03-02T${id.startsWith('a') ? 10 : 11}:15:${second}Z`,
    eventSource: `${service}.amazonaws.com`,
    eventName: name,
    awsRegion: region,
    sourceIPAddress: '203.0.113.24',
    requestParameters: request,
    responseElements: response,
    requestID: id.replace('8000', '9000'),
    eventID: id,
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
  }
}

const ec2Arn = (kind: string, id: string) => `arn:aws:ec2:${REGION}:${ACCOUNT}:${kind}/${id}`
const inline = (port: number, cidr: string): Json => ({
  cidr_blocks: [cidr],
  description: '',
  from_port: port,
  ipv6_cidr_blocks: [],
  prefix_list_ids: [],
  protocol: 'tcp',
  security_groups: [],
  self: false,
  to_port: port,
})
const instance = (id: string, type: string, tags: Json): Json => ({
  arn: ec2Arn('instance', id),
  id,
  instance_type: type,
  tags,
  tags_all: tags,
})
const always: [string, Json][] = [
  ['aws_iam_role.shop', { arn: `arn:aws:iam::${ACCOUNT}:role/shop`, id: 'shop', name: 'shop' }],
  ['aws_s3_bucket.orders', { arn: `arn:aws:s3:::${bucket}`, bucket, id: bucket }],
  // With these the destroy takes so much that the state would be held back, were it not Terraform's own.
  ['aws_vpc.main', { arn: ec2Arn('vpc', 'vpc-0123456789abcdef0'), id: 'vpc-0123456789abcdef0' }],
  ['aws_subnet.a', { arn: ec2Arn('subnet', 'subnet-0a'), id: 'subnet-0a' }],
  ['aws_subnet.b', { arn: ec2Arn('subnet', 'subnet-0b'), id: 'subnet-0b' }],
  [
    'aws_vpc_security_group_ingress_rule.health',
    {
      arn: ec2Arn('security-group-rule', rule),
      id: rule,
      security_group_rule_id: rule,
      security_group_id: shared,
      ip_protocol: 'tcp',
      from_port: 8080,
      to_port: 8080,
      cidr_ipv4: '10.0.0.0/8',
    },
  ],
]

/** The state before the apply, between the two, and after the destroy; as texts. */
export const states = {
  before: stateText(1, [
    ...always,
    ['aws_instance.web', instance(web, 't3.small', { Environment: 'staging' })],
  ]),
  applied: stateText(2, [
    ...always,
    ['aws_instance.web', instance(web, 't3.large', { Environment: 'production' })],
    ['aws_instance.worker', instance(worker, 't3.small', { Name: 'worker' })],
    [
      'aws_security_group.worker',
      {
        arn: ec2Arn('security-group', group),
        id: group,
        name: 'worker',
        ingress: [inline(22, '10.0.0.0/8'), inline(443, '10.0.0.0/8')],
        egress: [inline(443, '0.0.0.0/0')],
      },
    ],
    [
      'aws_iam_role_policy.read',
      { id: 'shop:read-orders', name: 'read-orders', role: 'shop', policy: inlinePolicy },
    ],
    ['aws_iam_role_policy_attachment.read', { id: 'shop-1', role: 'shop', policy_arn: readOnly }],
    ['aws_s3_bucket_policy.orders', { id: bucket, bucket, policy: JSON.stringify(bucketPolicy) }],
  ]),
  destroyed: stateText(3, []),
}

function stateText(serial: number, list: readonly [string, Json][]): string {
  const resources = list.map(([address, attributes]) => {
    const [type, name] = address.split('.')
    const provider = 'provider["registry.terraform.io/hashicorp/aws"]'
    return { mode: 'managed', type, name, provider, instances: [{ schema_version: 0, attributes }] }
  })
  return JSON.stringify({
    version: 4,
    terraform_version: '1.9.8',
    serial,
    lineage: 'shop',
    outputs: {},
    resources,
  })
}
