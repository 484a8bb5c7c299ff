import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseState } from '../../../../connectors/sources/terraform-state/parse.ts'
import { StateFormatError } from '../../../../connectors/sources/terraform-state/state-format-error.ts'
import { fixture } from '../a-record.ts'

const parse = (value: unknown) =>
  parseState(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), 'a.tfstate')

test('R43 format 4: managed instances with their addresses, without data sources', () => {
  const state = parseState(fixture('v4.tfstate'), 'v4.tfstate')
  expect(state).toMatchObject({
    source: 'v4.tfstate',
    lineage: '0f1e2d3c-aaaa-4bbb-8ccc-000000000042',
    serial: 42,
    terraformVersion: '1.15.9',
  })
  expect(state.instances.map(({ address, deposedKey, provider }) => [address, deposedKey, provider])).toEqual(
    [
      ['module.net["a"].module.web.aws_security_group.web["say \\"hi\\" $${x}"]', null, 'aws'],
      ['aws_db_instance.main[0]', null, 'aws'],
      ['aws_db_instance.main[1]', null, 'aws'],
      ['aws_db_instance.main[1]', '1a2b3c4d', 'aws'],
      ['aws_s3_bucket_policy.logs', null, 'aws'],
      ['google_sql_user.app', null, 'google'],
      ['null_resource.old', null, 'null'],
    ],
  )
})

test('R43 format 4: marks, dependencies, taint, and what an older Terraform left flat', () => {
  const [group, main, tainted, , , , old] = parseState(fixture('v4.tfstate'), 'x').instances
  expect(group!.dependencies).toEqual(['module.net.aws_vpc.main'])
  expect(main!.sensitivePaths).toEqual([
    ['username'],
    ['restore_to_point_in_time', 1, 'source_dbi_resource_id'],
  ])
  expect([main!.tainted, tainted!.tainted]).toEqual([false, true])
  expect(old!.attributes).toEqual({ id: '5388490630832483079', triggers: { 'a.b': '0,1' } })
})

test('integers that a double cannot hold keep their digits', () => {
  const main = parseState(fixture('v4.tfstate'), 'x').instances[1]!
  expect(main.attributes.max_id).toBe('9007199254740993')
  expect(main.attributes.allocated_storage).toBe(20)
})

test('R45 format 3: the same from flat attributes', () => {
  const state = parseState(fixture('v3.tfstate'), 'v3.tfstate')
  expect(state.serial).toBe(83)
  expect(state.instances).toEqual([
    {
      address: 'aws_instance.web[0]',
      type: 'aws_instance',
      name: 'web',
      provider: 'aws',
      attributes: {
        arn: 'arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc',
        ebs_block_device: [{ volume_size: '8' }],
        id: 'i-0abc',
        tags: { Name: 'web', 'kubernetes.io/cluster/a': 'owned' },
        vpc_security_group_ids: ['sg-1', 'sg-2'],
      },
      identity: {},
      sensitivePaths: [],
      dependencies: ['aws_security_group.web'],
      tainted: true,
      deposedKey: null,
    },
    expect.objectContaining({
      address: 'aws_instance.web[0]',
      deposedKey: '0',
      attributes: { id: 'i-0old' },
    }),
    expect.objectContaining({
      address: 'module.net.module.inner.aws_db_instance.main',
      attributes: { id: 'main', password: 'hunter2' },
      provider: 'aws',
      tainted: false,
    }),
  ])
})

test('a state without lineage and serial is known by its source', () => {
  expect(parse({ version: 4, resources: null })).toMatchObject({
    lineage: 'a.tfstate',
    serial: 0,
    instances: [],
  })
})

test('unknown fields never matter', () => {
  const instance = {
    attributes: { id: 'x', brand_new: { deep: [1] } },
    brand_new: true,
    sensitive_attributes: [[{}], 7],
  }
  const resource = { mode: 'managed', type: 'aws_vpc', name: 'a', instances: [instance], brand_new: {} }
  expect(parse({ version: 4, resources: [resource, { mode: 'ephemeral' }], brand_new: 1 }).instances).toEqual(
    [expect.objectContaining({ address: 'aws_vpc.a', provider: 'aws', attributes: instance.attributes })],
  )
})

test.each([
  ['an empty file', '', /a\.tfstate: the file is empty.*terraform state pull/],
  ['a half-written file', '{"version": 4, "resources": [', /a\.tfstate: not JSON, or only a part of it/],
  ['a list', '[]', /a\.tfstate: JSON, but not a state/],
  ['format 5', { version: 5 }, /version: states of format 5 are not read.*update TFDrift/],
  ['what show -json writes', { format_version: '1.0', values: {} }, /format_version: .*terraform state pull/],
  ['another JSON file', { resources: [] }, /version: missing/],
  ['a serial that is a text', { version: 4, serial: 'x' }, /serial: not a whole number/],
  ['resources that are no list', { version: 4, resources: {} }, /resources is not a list/],
  [
    'a resource without a type',
    { version: 4, resources: [{ mode: 'managed', name: 'x', instances: [{}] }] },
    /resources\[0\]\.type is not a text/,
  ],
  [
    'an instance that is no object',
    { version: 4, resources: [{ mode: 'managed', type: 'a', name: 'b', instances: [3] }] },
    /resources\[0\]\.instances\[0\] is not an object/,
  ],
  ['modules that are no list', { version: 3, modules: 'x' }, /modules is not a list/],
])('refuses %s, naming the file, the field and the fix', (_, value, message) => {
  expect(() => parse(value)).toThrow(StateFormatError)
  expect(() => parse(value)).toThrow(message)
})

test.each([1, 2])('R45 format %i is refused, with the way out', (version) => {
  expect(() => parse({ version })).toThrow(StateFormatError)
  expect(() => parse({ version })).toThrow(
    new RegExp(`^a\\.tfstate: version: states of format ${version} are not read.*upgrade it`),
  )
})

test('R46 what OpenTofu has encrypted is refused, with the way out, also where its serial stands in clear', () => {
  const encrypted = { meta: {}, encrypted_data: 'b64', encryption_version: 'v0' }
  for (const state of [encrypted, { ...encrypted, version: 4, serial: 1, lineage: 'x' }]) {
    expect(() => parse(state)).toThrow(StateFormatError)
    expect(() => parse(state)).toThrow(/^a\.tfstate: encrypted_data: .*tofu state pull/)
  }
})

test('a refusal quotes no value of the state', () => {
  expect(() => parse('{"version": 4, "resources": [{"attributes": {"password": "hunter2"')).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
  )
})

test('addresses tell the keys of for_each apart', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.oneof(fc.string(), fc.nat(20)), {
        minLength: 1,
        selector: (key) => JSON.stringify(key),
      }),
      (keys) => {
        const instances = keys.map((key) => ({ index_key: key, attributes: {} }))
        const state = parse({
          version: 4,
          resources: [{ mode: 'managed', type: 'aws_vpc', name: 'a', instances }],
        })
        expect(new Set(state.instances.map(({ address }) => address)).size).toBe(keys.length)
      },
    ),
  )
})
