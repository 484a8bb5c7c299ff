/** What generate.ts is made of: for each kind its attributes in the state, and calls that differ from them or do not. */

export type Json = Record<string, unknown>

/** A resource by its number: everything about it follows from that, so nothing is kept in memory. */
export interface Target {
  region: string
  /** 17 hexadecimal digits, as in EC2's ids. */
  hex: string
  name: string
}

export interface Call {
  name: string
  requestParameters: Json
  responseElements: Json | null
}

/** `drift` differs from the state for every n >= 0 and gives one alert, `same` sets what the state says. */
export interface Kind {
  type: string
  service: string
  /** Where CloudTrail records the calls of a global service. */
  region?: string
  attributes: (target: Target) => Json
  drift: (target: Target, n: number) => Call
  same: (target: Target) => Call
}

export const ACCOUNT = '123456789012'

const call = (name: string, requestParameters: Json, responseElements: Json | null = null): Call => {
  return { name, requestParameters, responseElements }
}
const ec2Call = (name: string, request: Json): Call => call(name, request, { _return: true })

const arn = (target: Target, service: string, rest: string): string =>
  `arn:aws:${service}:${target.region}:${ACCOUNT}:${rest}`

const resize = (target: Target, value: string): Call =>
  ec2Call('ModifyInstanceAttribute', { instanceId: `i-${target.hex}`, instanceType: { value } })

const tag = (target: Target, value: string): Call => {
  const resourcesSet = { items: [{ resourceId: `i-${target.hex}` }] }
  return ec2Call('CreateTags', { resourcesSet, tagSet: { items: [{ key: 'Environment', value }] } })
}

const terminate = (target: Target): Call => {
  const instances = { items: [{ instanceId: `i-${target.hex}` }] }
  return call('TerminateInstances', { instancesSet: instances }, { instancesSet: instances })
}

/** Starts an instance that is not in the state: no target's id ends in f's. */
const run = (_target: Target, n: number): Call => {
  const instanceId = `i-${n.toString(16).padStart(8, '0')}fffffffff`
  const started = { instanceId, instanceType: 't3.nano', instanceState: { code: 0, name: 'pending' } }
  const request = { instancesSet: { items: [{ minCount: 1, maxCount: 1 }] }, instanceType: 't3.nano' }
  return call('RunInstances', request, { ownerId: ACCOUNT, instancesSet: { items: [started] } })
}

const INSTANCE_DRIFTS: Kind['drift'][] = [
  (target) => resize(target, 't3.large'),
  (target, n) => tag(target, `staging-${n}`),
  terminate,
  run,
]

const resizeVolume = (target: Target, Size: number): Call =>
  call('ModifyVolume', { ModifyVolumeRequest: { VolumeId: `vol-${target.hex}`, Size } })

const authorize = (target: Target, port: number, cidrIp: string): Call => {
  const peers = { groups: {}, ipRanges: { items: [{ cidrIp }] }, ipv6Ranges: {}, prefixListIds: {} }
  const permission = { ipProtocol: 'tcp', fromPort: port, toPort: port, ...peers }
  const ipPermissions = { items: [permission] }
  return ec2Call('AuthorizeSecurityGroupIngress', { groupId: `sg-${target.hex}`, ipPermissions })
}

const block = (target: Target, on: boolean): Call => {
  const flags = {
    RestrictPublicBuckets: on,
    BlockPublicPolicy: on,
    BlockPublicAcls: on,
    IgnorePublicAcls: on,
  }
  const Host = `${target.name}.s3.${target.region}.amazonaws.com`
  const request = {
    publicAccessBlock: '',
    bucketName: target.name,
    PublicAccessBlockConfiguration: flags,
    Host,
  }
  return call('PutBucketPublicAccessBlock', request)
}

const policy = (Principal: Json): string => {
  const statement = { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
}
const trust = (target: Target, principal: Json): Call =>
  call('UpdateAssumeRolePolicy', { roleName: target.name, policyDocument: policy(principal) })

const retain = (target: Target, backupRetentionPeriod: number): Call =>
  call('ModifyDBInstance', { dBInstanceIdentifier: target.name, backupRetentionPeriod })

const configure = (target: Target, memorySize: number): Call =>
  call('UpdateFunctionConfiguration20150331v2', { functionName: target.name, memorySize })

const instance: Kind = {
  type: 'aws_instance',
  service: 'ec2',
  attributes: (t) => {
    const tags = { Name: t.name, Environment: 'production' }
    const id = `i-${t.hex}`
    return { arn: arn(t, 'ec2', `instance/${id}`), id, instance_type: 't3.small', tags, tags_all: tags }
  },
  drift: (t, n) => INSTANCE_DRIFTS[n % INSTANCE_DRIFTS.length]!(t, n),
  same: (t) => resize(t, 't3.small'),
}

const volume: Kind = {
  type: 'aws_ebs_volume',
  service: 'ec2',
  attributes: (t) => ({
    arn: arn(t, 'ec2', `volume/vol-${t.hex}`),
    id: `vol-${t.hex}`,
    size: 8,
    type: 'gp3',
  }),
  drift: (t, n) => resizeVolume(t, 9 + (n % 16_000)),
  same: (t) => resizeVolume(t, 8),
}

const group: Kind = {
  type: 'aws_security_group',
  service: 'ec2',
  attributes: (t) => {
    const peers = {
      cidr_blocks: ['10.0.0.0/8'],
      ipv6_cidr_blocks: [],
      prefix_list_ids: [],
      security_groups: [],
    }
    const https = { from_port: 443, to_port: 443, protocol: 'tcp', description: '', self: false, ...peers }
    const id = `sg-${t.hex}`
    return { arn: arn(t, 'ec2', `security-group/${id}`), egress: [], id, ingress: [https], name: t.name }
  },
  drift: (t, n) => authorize(t, 1024 + (n % 60_000), '0.0.0.0/0'),
  same: (t) => authorize(t, 443, '10.0.0.0/8'),
}

const bucketBlock: Kind = {
  type: 'aws_s3_bucket_public_access_block',
  service: 's3',
  attributes: (t) => {
    const acls = { block_public_acls: true, ignore_public_acls: true }
    return { block_public_policy: true, bucket: t.name, id: t.name, restrict_public_buckets: true, ...acls }
  },
  drift: (t) => block(t, false),
  same: (t) => block(t, true),
}

const role: Kind = {
  type: 'aws_iam_role',
  service: 'iam',
  region: 'us-east-1',
  attributes: (t) => ({
    arn: `arn:aws:iam::${ACCOUNT}:role/${t.name}`,
    assume_role_policy: policy({ Service: 'ec2.amazonaws.com' }),
    id: t.name,
    name: t.name,
  }),
  drift: (t, n) => trust(t, { AWS: `arn:aws:iam::${ACCOUNT}:role/partner-${n}` }),
  same: (t) => trust(t, { Service: ['ec2.amazonaws.com'] }),
}

const database: Kind = {
  type: 'aws_db_instance',
  service: 'rds',
  attributes: (t) => {
    const id = `db-${t.hex.toUpperCase()}`
    return { arn: arn(t, 'rds', `db:${t.name}`), backup_retention_period: 35, id, identifier: t.name }
  },
  drift: (t, n) => retain(t, n % 35),
  same: (t) => retain(t, 35),
}

const lambda: Kind = {
  type: 'aws_lambda_function',
  service: 'lambda',
  attributes: (t) => {
    const id = t.name
    return { arn: arn(t, 'lambda', `function:${id}`), function_name: id, id, memory_size: 128 }
  },
  drift: (t, n) => configure(t, 129 + (n % 10_000)),
  same: (t) => configure(t, 128),
}

export const KINDS: Kind[] = [instance, volume, group, bucketBlock, role, database, lambda]
