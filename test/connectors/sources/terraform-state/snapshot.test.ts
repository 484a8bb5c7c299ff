import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseState } from '../../../../connectors/sources/terraform-state/parse.ts'
import { toSnapshots } from '../../../../connectors/sources/terraform-state/snapshot.ts'
import { hashValue } from '../../../../schemas/hashed-value.ts'
import type { StateResource } from '../../../../schemas/types.ts'
import { fixture, hashKey } from '../a-record.ts'

const lineage = '0f1e2d3c-aaaa-4bbb-8ccc-000000000042'
const options = { capturedAt: 1_772_360_000_000, hashKey }
const hash = (value: unknown) => hashValue(hashKey, value)

function snapshots(text: string | Buffer, account?: string) {
  return toSnapshots(parseState(Buffer.from(text), 'v4.tfstate'), { ...options, account })
}

function resources(text: string | Buffer, account?: string): StateResource[] {
  return snapshots(text, account).flatMap(({ value }) => value.resource ?? [])
}

function attributesOf(resource: StateResource | undefined) {
  return JSON.parse(resource!.attributes) as Record<string, unknown>
}

/** A state with these resources, each of one instance with these attributes. */
function stateOf(...all: [type: string, attributes: Record<string, unknown>][]): string {
  const list = all.map(([type, attributes], index) => ({
    mode: 'managed',
    type,
    name: `r${index}`,
    provider: `provider["registry.terraform.io/hashicorp/${type.split('_')[0]}"]`,
    instances: [{ attributes }],
  }))
  return JSON.stringify({ version: 4, serial: 1, lineage: 'l', resources: list })
}

test('one record an instance, keyed by lineage and address, and the marker at the end', () => {
  const all = snapshots(fixture('v4.tfstate'))
  expect(all.map(({ key }) => key)).toEqual([
    `${lineage}|module.net["a"].module.web.aws_security_group.web["say \\"hi\\" $\${x}"]`,
    `${lineage}|aws_db_instance.main[0]`,
    `${lineage}|aws_db_instance.main[1]`,
    `${lineage}|aws_db_instance.main[1]|deposed:1a2b3c4d`,
    `${lineage}|aws_s3_bucket_policy.logs`,
    `${lineage}|google_sql_user.app`,
    `${lineage}|null_resource.old`,
    `__sync|${lineage}`,
  ])
  expect(all[0]!.value).toEqual({
    source: 'v4.tfstate',
    lineage,
    serial: 42,
    capturedAt: 1_772_360_000_000,
    count: null,
    resource: {
      address: 'module.net["a"].module.web.aws_security_group.web["say \\"hi\\" $${x}"]',
      type: 'aws_security_group',
      name: 'web',
      provider: 'aws',
      account: '123456789012',
      region: 'eu-west-1',
      id: 'sg-0abc',
      arn: 'arn:aws:ec2:eu-west-1:123456789012:security-group/sg-0abc',
      deposedKey: null,
      tainted: false,
      dependencies: ['module.net.aws_vpc.main'],
      directDependencies: ['module.net.aws_vpc.main'],
      attributes: expect.any(String),
    },
  })
  expect(all.at(-1)!.value).toEqual({
    source: 'v4.tfstate',
    lineage,
    serial: 42,
    capturedAt: 1_772_360_000_000,
    count: 7,
    resource: null,
  })
})

test('R47 what the state marks, what the provider declares and what its name says is hashed', () => {
  const [group, main, tainted, , , user] = resources(fixture('v4.tfstate'))
  expect(attributesOf(group).tags).toEqual({ token: hash('tag-secret'), Environment: 'production' })
  expect(attributesOf(main)).toMatchObject({
    username: hash('marked-by-configuration'),
    password: hash('hunter2'),
    restore_to_point_in_time: [
      { source_dbi_resource_id: 'db-OLD' },
      { source_dbi_resource_id: hash('in-a-list') },
    ],
  })
  expect(attributesOf(tainted).password).toBe('')
  expect(attributesOf(user).password).toBe(hash('hunter3'))
})

test('R47 declared paths lead through blocks, and whole values are hashed with sorted keys', () => {
  const [listener, parameter, secret] = resources(
    stateOf(
      [
        'aws_alb_listener',
        { default_action: [{ authenticate_oidc: [{ client_secret: 'a', client_id: 'b' }] }] },
      ],
      ['aws_ssm_parameter', { value: '512' }],
      ['kubernetes_secret', { data: { b: 'x', a: 'y' } }],
    ),
  )
  expect(attributesOf(listener).default_action).toEqual([
    { authenticate_oidc: [{ client_secret: hash('a'), client_id: 'b' }] },
  ])
  expect(attributesOf(parameter).value).toBe(hash(512))
  expect(attributesOf(secret).data).toBe(hash({ a: 'y', b: 'x' }))
})

test('what is not set stays so, though it is sensitive', () => {
  const unset = { password: null, master_user_secret: [], username: '' }
  const [instance, secret] = resources(
    stateOf(['aws_db_instance', unset], ['kubernetes_secret', { data: {} }]),
  )
  expect(attributesOf(instance)).toEqual(unset)
  expect(attributesOf(secret)).toEqual({ data: {} })
})

test('a digest of user data stays, user data does not', () => {
  const sha1 = '1b7d6b8f0ee0f2d1b6ff7c5b8c8ee7d4d6a5f3b2'
  const [digest, text] = resources(
    stateOf(['aws_instance', { user_data: sha1 }], ['aws_instance', { user_data: '#!/bin/sh' }]),
  )
  expect(attributesOf(digest).user_data).toBe(sha1)
  expect(attributesOf(text).user_data).toBe(hash('#!/bin/sh'))
})

const vpc = (account: string) => ({ id: 'vpc-1', arn: `arn:aws:ec2:eu-west-1:${account}:vpc/vpc-1` })

test('a resource without an ARN is in the one account that the others name', () => {
  const text = stateOf(
    ['aws_vpc', vpc('123456789012')],
    ['aws_s3_bucket', { id: 'b', arn: 'arn:aws:s3:::b', region: 'eu-west-1' }],
    ['aws_iam_policy', { id: 'p', arn: 'arn:aws:iam::aws:policy/ReadOnly' }],
    ['aws_route', { id: 'r', region: 'eu-west-2' }],
  )
  expect(resources(text, '999999999999').map(({ account, region }) => [account, region])).toEqual([
    ['123456789012', 'eu-west-1'],
    ['123456789012', null],
    ['123456789012', null],
    ['123456789012', 'eu-west-2'],
  ])
})

test('where the ARNs name no account, or several, the configured one holds for what has none', () => {
  const none = stateOf(['aws_route', { id: 'r' }])
  const several = stateOf(
    ['aws_vpc', vpc('111111111111')],
    ['aws_vpc', vpc('222222222222')],
    ['aws_route', { id: 'r' }],
  )
  expect(resources(none)[0]!.account).toBeNull()
  expect(resources(none, '333333333333')[0]!.account).toBe('333333333333')
  expect(resources(several, '333333333333').map(({ account }) => account)).toEqual([
    '111111111111',
    '222222222222',
    '333333333333',
  ])
})

test('resources of the other clouds name their project or subscription', () => {
  const text = stateOf(
    ['aws_vpc', vpc('123456789012')],
    ['google_compute_firewall', { id: 'projects/p1/global/firewalls/f' }],
    ['google_project_iam_member', { id: 'x', project: 'p2' }],
    ['google_secret_manager_secret_version', { id: 'projects/481516234200/secrets/db/versions/3' }],
    ['google_storage_bucket_iam_member', { id: 'b/bucket/projects/p3/roles/r/user:u' }],
    [
      'google_compute_firewall',
      { id: 'f', self_link: 'https://www.googleapis.com/compute/v1/projects/p4/x' },
    ],
    ['azurerm_subnet', { id: '/subscriptions/ABC-1/resourceGroups/g/x' }],
    ['random_password', { result: 'hunter2', id: 'none' }],
    ['azurerm_monitor_diagnostic_setting', { id: '/subscriptions/abc-2|audit' }],
  )
  const found = resources(text)
  expect(found.map(({ account }) => account)).toEqual([
    '123456789012',
    'p1',
    'p2',
    null,
    null,
    'p4',
    'abc-1',
    null,
    'abc-2',
  ])
  expect(attributesOf(found[7]).result).toBe(hash('hunter2'))
})

test('a state in which an address stands twice is refused', () => {
  const resource = { mode: 'managed', type: 'aws_vpc', name: 'a', instances: [{}, {}] }
  expect(() => snapshots(JSON.stringify({ version: 4, resources: [resource] }))).toThrow(
    /v4.tfstate: resources: aws_vpc.a stands there twice/,
  )
})

test('attributes that are nested too deep are refused', () => {
  const deep = `${'['.repeat(300)}${']'.repeat(300)}`
  const text = stateOf(['aws_vpc', { id: 'DEEP' }]).replace('"DEEP"', deep)
  expect(() => snapshots(text)).toThrow(/v4.tfstate: aws_vpc.r0: nested deeper/)
})

test('no secret of the state reaches a record', () => {
  const text = JSON.stringify([...snapshots(fixture('v4.tfstate')), ...snapshots(fixture('v3.tfstate'))])
  for (const secret of [
    'output-secret',
    'tag-secret',
    'hunter2',
    'hunter3',
    'marked-by',
    'in-a-list',
    'c2VjcmV0',
  ]) {
    expect(text).not.toContain(secret)
  }
})

test('whatever the order of its keys, a state gives the same records', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, inner]) => [key, reversed(inner)]),
    )
  }
  const attributes = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.jsonValue())
  fc.assert(
    fc.property(attributes, (random) => {
      const state = JSON.parse(stateOf(['aws_db_instance', { ...random, password: { b: 1, a: 2 } }]))
      expect(snapshots(JSON.stringify(reversed(state)))).toEqual(snapshots(JSON.stringify(state)))
    }),
  )
})

test('R28: what has no ARN lives where its declared identity says, or in the region of an ARN that is its id', () => {
  const instance = (type: string, attributes: object, identity?: object) => ({
    mode: 'managed',
    type,
    name: 'a',
    instances: [{ attributes, ...(identity && { identity_schema_version: 0, identity }) }],
  })
  const text = JSON.stringify({
    version: 4,
    serial: 1,
    lineage: 'l',
    resources: [
      instance('aws_route', { id: 'r-1' }, { account_id: '222222222222', region: 'eu-west-1' }),
      instance('aws_ecs_service', { id: 'arn:aws:ecs:eu-west-3:111111111111:service/old' }),
      instance('aws_s3_bucket_policy', { id: 'logs' }, { account_id: '222222222222', region: 'eu-west-1' }),
      instance('aws_eip_association', { id: 'eipassoc-1' }),
    ],
  })
  expect(resources(text).map(({ account, region }) => [account, region])).toEqual([
    ['222222222222', 'eu-west-1'],
    [null, 'eu-west-3'],
    ['222222222222', null],
    [null, null],
  ])
})
