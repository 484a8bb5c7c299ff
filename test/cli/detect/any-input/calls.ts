/** Calls of every mechanism that mappings know, each in several variants: some as the rows say, some not. */

type Json = Record<string, unknown>

export interface SampleCall {
  provider: 'aws' | 'gcp' | 'azure'
  service: string
  name: string
  /** AWS: requestParameters; Google: the body; Azure: the body. */
  request: Json
  response?: Json
  /** Google and Azure: the resource. */
  resource?: string
}

export const ACCOUNT = '123456789012'
export const OTHER_ACCOUNT = '210987654321'
export const PROJECT = 'shop'
export const NSG =
  '/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/net/providers/Microsoft.Network/networkSecurityGroups/web'
export const FUNCTION_ARN = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:orders`
export const POLICY_ARN = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
export const FIREWALL = `projects/${PROJECT}/global/firewalls/web`

const aws = (service: string, name: string, request: Json, response?: Json): SampleCall => ({
  provider: 'aws',
  service: `${service}.amazonaws.com`,
  name,
  request,
  ...(response && { response }),
})
const items = (list: readonly Json[]) => ({ items: list })
export const policy = (...actions: string[]) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: actions.map((Action) => ({ Effect: 'Allow', Action, Resource: '*' })),
  })

const instances = (...ids: string[]) => ({ instancesSet: items(ids.map((instanceId) => ({ instanceId }))) })
const setInstance = (id: string, attributes: Json) =>
  aws('ec2', 'ModifyInstanceAttribute', { instanceId: id, ...attributes })

const updates = [
  aws('cloudtrail', 'StopLogging', { name: 'main' }),
  aws('cloudtrail', 'StartLogging', { name: 'main' }),
  ...['t3.small', 't3.large'].flatMap((value) => [
    setInstance('i-1', { instanceType: { value } }),
    setInstance('i-2', { instanceType: { value } }),
  ]),
  setInstance('i-1', { groupSet: items([{ groupId: 'sg-1' }, { groupId: 'sg-2' }]) }),
  setInstance('i-1', { groupSet: items([{ groupId: 'sg-2' }]), disableApiTermination: { value: true } }),
  setInstance('i-1', { sriovNetSupport: { value: 'simple' } }),
  setInstance('i-1', { userData: { value: '<sensitiveDataRemoved>' } }),
  ...[8, 50].map((Size) =>
    aws('ec2', 'ModifyVolume', { ModifyVolumeRequest: { VolumeId: 'vol-root', Size, Iops: 3000 } }),
  ),
  ...['FunctionName', FUNCTION_ARN].flatMap((functionName) =>
    [512, 1024].map((memorySize) =>
      aws('lambda', 'UpdateFunctionConfiguration20150331v2', {
        functionName: functionName === FUNCTION_ARN ? functionName : 'orders',
        memorySize,
      }),
    ),
  ),
  aws('lambda', 'UpdateFunctionConfiguration20150331v2', { functionName: 'orders', environment: {} }),
  ...['enableLogTypes', 'disableLogTypes'].flatMap((delta) =>
    [['audit'], ['error', 'audit'], ['slowquery']].map((types) =>
      aws('rds', 'ModifyDBInstance', {
        dBInstanceIdentifier: 'orders',
        cloudwatchLogsExportConfiguration: { [delta]: types },
      }),
    ),
  ),
  aws('rds', 'ModifyDBInstance', { dBInstanceIdentifier: 'ORDERS', masterUserPassword: '****' }),
  aws('rds', 'ModifyDBInstance', { dBInstanceIdentifier: 'orders', multiAZ: true, applyImmediately: true }),
  aws('rds', 'ModifyDBInstance', { omitted: true, dBInstanceIdentifier: 'orders' }),
  ...[['s3:Get*'], ['s3:*'], ['s3:*', 's3:Get*']].map((actions) =>
    aws('iam', 'UpdateAssumeRolePolicy', { roleName: 'web', policyDocument: policy(...actions) }),
  ),
]

const children = [
  ...['inline', 'own'].flatMap((policyName) => [
    ...[['s3:Get*'], ['s3:*']].map((actions) =>
      aws('iam', 'PutRolePolicy', { roleName: 'web', policyName, policyDocument: policy(...actions) }),
    ),
  ]),
  ...['web', 'batch'].flatMap((roleName) =>
    ['AttachRolePolicy', 'DetachRolePolicy'].map((name) =>
      aws('iam', name, { roleName, policyArn: POLICY_ARN }),
    ),
  ),
  ...['logs', 'site'].flatMap((bucketName) => [
    aws('s3', 'DeleteBucketPolicy', { bucketName }),
    ...[['s3:Get*'], ['s3:*']].map((actions) =>
      aws('s3', 'PutBucketPolicy', { bucketName, bucketPolicy: JSON.parse(policy(...actions)) }),
    ),
  ]),
  ...[true, false].map((BlockPublicAcls) =>
    aws('s3', 'PutBucketPublicAccessBlock', {
      bucketName: 'logs',
      PublicAccessBlockConfiguration: { BlockPublicAcls, IgnorePublicAcls: true },
    }),
  ),
]

const comings = [
  ...['i-1', 'i-9'].flatMap((id) => [
    aws('ec2', 'RunInstances', {}, instances(id)),
    aws('ec2', 'TerminateInstances', instances(id)),
  ]),
  aws('ec2', 'TerminateInstances', instances('i-1', 'i-2', 'i-9')),
]

const tags = ['CreateTags', 'DeleteTags'].flatMap((name) =>
  [[{ key: 'Env', value: 'live' }], [{ key: 'Env', value: 'test' }], [{ key: 'Team' }], []].flatMap((set) =>
    [['i-1'], ['i-1', 'vol-1'], ['subnet-0']].map((ids) =>
      aws('ec2', name, {
        resourcesSet: items(ids.map((resourceId) => ({ resourceId }))),
        tagSet: items(set),
      }),
    ),
  ),
)

const permission = (port: number, ...cidrs: string[]) => ({
  ipProtocol: 'tcp',
  fromPort: port,
  toPort: port,
  ipRanges: items(cidrs.map((cidrIp) => ({ cidrIp }))),
})
const groups = ['sg-1', 'sg-2'].flatMap((groupId) =>
  ['Ingress', 'Egress'].flatMap((direction) =>
    ['Authorize', 'Revoke'].flatMap((verb) => [
      ...[['10.0.0.0/8'], ['0.0.0.0/0'], ['0.0.0.0/0', '10.0.0.0/8']].map((cidrs) =>
        aws('ec2', `${verb}SecurityGroup${direction}`, {
          groupId,
          ipPermissions: items([permission(22, ...cidrs)]),
        }),
      ),
      aws('ec2', `${verb}SecurityGroup${direction}`, {
        groupId,
        ipPermissions: items([permission(22, '10.0.0.0/8'), permission(443, '0.0.0.0/0')]),
      }),
    ]),
  ),
)
const rulesById = aws('ec2', 'RevokeSecurityGroupIngress', {
  groupId: 'sg-2',
  securityGroupRuleIds: items([{ securityGroupRuleId: 'sgr-1' }]),
})

const google = (name: string, resource: string, request: Json): SampleCall => ({
  provider: 'gcp',
  service: `${name.split('.')[0]}.googleapis.com`,
  name,
  resource,
  request,
})
const firewalls = [
  ...['insert', 'patch', 'update'].flatMap((verb) =>
    [['10.0.0.0/8'], ['0.0.0.0/0']].map((sourceRanges) =>
      google(`compute.firewalls.${verb}`, FIREWALL, {
        sourceRanges,
        alloweds: [{ IPProtocol: 'tcp', ports: ['22'] }],
      }),
    ),
  ),
  google('compute.firewalls.delete', FIREWALL, {}),
]

const azure = (name: string, resource: string, request: Json): SampleCall => ({
  provider: 'azure',
  service: 'Microsoft.Network',
  name: `Microsoft.Network/networkSecurityGroups/${name}`,
  resource,
  request,
})
const networks = [
  ...['Allow', 'Deny'].flatMap((access) => {
    const rule = { name: 'ssh', properties: { access, direction: 'Inbound', priority: 100, protocol: 'Tcp' } }
    return [
      azure('securityRules/write', `${NSG}/securityRules/ssh`, rule),
      azure('write', NSG, { properties: { securityRules: [rule] } }),
    ]
  }),
  azure('write', NSG, { properties: { securityRules: [] } }),
  azure('securityRules/delete', `${NSG}/securityRules/ssh`, {}),
  azure('delete', NSG, {}),
]

const others = [
  aws('ec2', 'StartInstances', instances('i-1')),
  aws('ec2', 'DescribeInstances', instances('i-1')),
  aws('braket', 'CreateJob', { name: 'j' }),
]

export const calls: readonly SampleCall[] = [
  ...updates,
  ...children,
  ...comings,
  ...tags,
  ...groups,
  rulesById,
  ...firewalls,
  ...networks,
  ...others,
]
