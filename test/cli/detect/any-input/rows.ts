import type { JsonObject, StateRow } from '../../../../processors/finding.ts'
import { row } from '../../../support/detect.ts'
import { ACCOUNT, FIREWALL, FUNCTION_ARN, NSG, POLICY_ARN, policy } from './calls.ts'

/** Rows that hold what the sample calls touch, in each of the shapes that Terraform has for it. Any subset is a state. */
export const rows: readonly StateRow[] = [
  one('aws_cloudtrail', { id: 'main', name: 'main', enable_logging: true }),
  one('aws_instance', {
    id: 'i-1',
    instance_type: 't3.small',
    disable_api_termination: true,
    vpc_security_group_ids: ['sg-1', 'sg-2'],
    tags: { Env: 'live' },
    root_block_device: [{ volume_id: 'vol-root', volume_size: 8, iops: 3000 }],
  }),
  one('aws_instance', { id: 'i-2', instance_type: 't3.small', tags_all: { Team: 'a' } }),
  // Held a second time, by another state that says something else.
  one('aws_instance', { id: 'i-1', instance_type: 't3.large' }, { key: 'other|aws_instance.too' }),
  one('aws_instance', { id: 'i-9' }, { deposedKey: '00000001', key: 'lineage|old|deposed:00000001' }),
  one('aws_instance', { id: 'i-1', instance_type: 'm5.large' }, { region: 'us-east-1' }),
  one('aws_ebs_volume', { id: 'vol-1', tags: { Env: 'test' } }),
  one('aws_ebs_volume', { id: 'vol-root', size: 8, iops: 3000 }),
  one('aws_security_group', { id: 'sg-1', ingress: [block('10.0.0.0/8')], egress: [] }),
  one('aws_security_group', { id: 'sg-2', ingress: [], egress: [] }),
  one('aws_vpc_security_group_ingress_rule', {
    id: 'sgr-1',
    security_group_rule_id: 'sgr-1',
    security_group_id: 'sg-2',
    ip_protocol: 'tcp',
    from_port: 22,
    to_port: 22,
    cidr_ipv4: '10.0.0.0/8',
  }),
  one('aws_security_group_rule', {
    id: 'sgrule-1',
    type: 'egress',
    security_group_id: 'sg-2',
    ...block('10.0.0.0/8', '0.0.0.0/0'),
  }),
  one('aws_lambda_function', { id: 'orders', function_name: 'orders', arn: FUNCTION_ARN, memory_size: 512 }),
  one('aws_db_instance', {
    id: 'db-1',
    identifier: 'orders',
    multi_az: false,
    enabled_cloudwatch_logs_exports: ['audit', 'error'],
  }),
  global('aws_iam_role', {
    id: 'web',
    name: 'web',
    assume_role_policy: policy('s3:Get*'),
    inline_policy: [{ name: 'inline', policy: policy('s3:Get*') }],
    managed_policy_arns: [POLICY_ARN],
  }),
  global('aws_iam_role_policy', { id: 'web:own', role: 'web', name: 'own', policy: policy('s3:*') }),
  global('aws_iam_role_policy_attachment', { id: 'web-1', role: 'web', policy_arn: POLICY_ARN }),
  global('aws_iam_policy_attachment', { id: 'all', policy_arn: POLICY_ARN, roles: ['batch', 'web'] }),
  global('aws_s3_bucket', { id: 'site', bucket: 'site', policy: policy('s3:Get*') }),
  global('aws_s3_bucket_policy', { id: 'logs', bucket: 'logs', policy: policy('s3:Get*') }),
  global('aws_s3_bucket_public_access_block', {
    id: 'logs',
    bucket: 'logs',
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: false,
    restrict_public_buckets: false,
  }),
  elsewhere('google_compute_firewall', {
    id: FIREWALL,
    name: 'web',
    project: 'shop',
    direction: 'INGRESS',
    priority: 1000,
    source_ranges: ['10.0.0.0/8'],
    allow: [{ protocol: 'tcp', ports: ['22'] }],
  }),
  elsewhere('azurerm_network_security_group', {
    id: NSG,
    name: 'web',
    security_rule: [{ name: 'ssh', access: 'Allow', direction: 'Inbound', priority: 100, protocol: 'Tcp' }],
  }),
  elsewhere('azurerm_network_security_rule', {
    id: `${NSG}/securityRules/ssh`,
    name: 'ssh',
    access: 'Deny',
    direction: 'Inbound',
    priority: 100,
    protocol: 'Tcp',
  }),
].map((each, n) => ({ ...each, key: each.key === 'lineage|' ? `lineage|${n}` : each.key }))

function one(type: string, attributes: JsonObject, more: Partial<StateRow> = {}): StateRow {
  return row(type, attributes, { account: ACCOUNT, key: 'lineage|', ...more })
}

function global(type: string, attributes: JsonObject): StateRow {
  return one(type, attributes, { region: null })
}

function elsewhere(type: string, attributes: JsonObject): StateRow {
  return one(type, attributes, { account: null, region: null })
}

function block(...cidrs: string[]): JsonObject {
  return { from_port: 22, to_port: 22, protocol: 'tcp', cidr_blocks: cidrs }
}
