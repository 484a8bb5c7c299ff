import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import { alerts, call, judge, mapped, row } from '../../support/detect.ts'

const instance = row('aws_instance', {
  id: 'i-1',
  tags: { Env: 'live', Owner: 'ops' },
  tags_all: { Env: 'live', Owner: 'ops', Team: 'core' },
})
const bare = row('aws_vpc', { id: 'vpc-1', tags: null, tags_all: {} })

type Tags = JsonObject | JsonObject[]
const request = (tagSet: Tags, ...ids: string[]) => ({
  resourcesSet: ids.map((resourceId) => ({ resourceId })),
  tagSet,
})
const create = (tags: Tags, ...ids: string[]) => call('ec2', 'CreateTags', request(tags, ...ids))
const remove = (tags: Tags, ...ids: string[]) => call('ec2', 'DeleteTags', request(tags, ...ids))
const tag = (key: string, value?: string) => ({ key, ...(value !== undefined && { value }) })

describe('a call that sets tags', () => {
  it('gives a diff for each tag that differs, and a verdict for each that it names', () => {
    expect(
      alerts(create([tag('Env', 'test'), tag('Owner', 'ops'), tag('New', 'x')], 'i-1'), [instance]),
    ).toMatchObject([
      {
        diffs: [
          { attribute: 'tags.Env', oldValue: '"live"', newValue: '"test"', changeType: 'modified' },
          { attribute: 'tags.New', oldValue: null, newValue: '"x"', changeType: 'added' },
        ],
        verdicts: [
          { slot: 'tags.Env', differs: true },
          { slot: 'tags.Owner', differs: false },
          { slot: 'tags.New', differs: true },
        ],
      },
    ])
  })

  it("R23 knows the provider's default tags, and reports them as tags", () => {
    expect(judge(create([tag('Team', 'core')], 'i-1'), [instance])).toMatchObject({ reason: 'as-declared' })
    expect(alerts(create([tag('Team', 'x')], 'i-1'), [instance])).toMatchObject([
      { diffs: [{ attribute: 'tags.Team', oldValue: '"core"' }] },
    ])
  })

  it('compares them as texts', () => {
    const numbered = row('aws_instance', { id: 'i-1', tags: { Version: '1.10', Code: '01' } })
    expect(alerts(create([tag('Version', '1.1'), tag('Code', '1')], 'i-1'), [numbered])).toMatchObject([
      { diffs: [{ attribute: 'tags.Code' }, { attribute: 'tags.Version' }] },
    ])
  })

  it('takes a tag without a value for an empty one', () => {
    expect(alerts(create([tag('New')], 'vpc-1'), [bare])).toMatchObject([{ diffs: [{ newValue: '""' }] }])
  })

  it("leaves AWS's own tags out", () => {
    expect(judge(create([tag('aws:autoscaling:groupName', 'g')], 'i-1'), [instance])).toEqual({
      findings: [],
      reason: 'no-effect',
    })
  })

  it('finds a resource of any type by the prefix of its id', () => {
    const rows = [instance, bare, row('aws_default_security_group', { id: 'sg-1' })]
    const found = alerts(create([tag('New', 'x')], 'i-1', 'vpc-1', 'sg-1', 'unknown-1'), rows)
    expect(found.map(({ resource }) => resource!.type)).toEqual([
      'aws_instance',
      'aws_vpc',
      'aws_default_security_group',
    ])
  })

  it('of a resource that no state holds is only counted', () => {
    expect(judge(create([tag('New', 'x')], 'i-9'), [instance])).toEqual({ findings: [], reason: 'unmanaged' })
    expect(judge(create([tag('New', 'x')], 'unknown-9'), [])).toEqual({ findings: [], reason: 'no-effect' })
  })

  it('names its tags in the spelling of its service, one of them without a list', () => {
    const service = mapped(`
types: { test_key: { names: [] } }
calls:
  TagResource: [{ tag: test_key, id: keyId, tags: tags }]
`)
    const key = row('test_key', { id: 'k-1' })
    for (const tags of [
      { tagKey: 'a', tagValue: 'b' },
      [{ Key: 'a', Value: 'b' }],
      [{ key: 'a', value: 'b' }],
    ]) {
      expect(alerts(call('test', 'TagResource', { keyId: 'k-1', tags }), [key], service)).toMatchObject([
        { diffs: [{ attribute: 'tags.a', newValue: '"b"' }] },
      ])
    }
  })
})

describe('a call that takes tags away', () => {
  it('gives a diff for each that was there', () => {
    expect(alerts(remove([tag('Env'), tag('Absent')], 'i-1'), [instance])).toMatchObject([
      {
        diffs: [{ attribute: 'tags.Env', oldValue: '"live"', newValue: null, changeType: 'removed' }],
        verdicts: [
          { slot: 'tags.Env', differs: true },
          { slot: 'tags.Absent', differs: false },
        ],
      },
    ])
  })

  it('given with a value takes only the tag that has it', () => {
    expect(alerts(remove([tag('Env', 'live')], 'i-1'), [instance])).toHaveLength(1)
    for (const other of ['test', '']) {
      expect(judge(remove([tag('Env', other)], 'i-1'), [instance])).toMatchObject({ reason: 'as-declared' })
    }
  })

  it('takes all of them where it names none', () => {
    const [all] = alerts(remove([], 'i-1'), [instance])
    expect(all!.diffs.map(({ attribute }) => attribute)).toEqual(['tags.Env', 'tags.Owner', 'tags.Team'])
    expect(judge(remove({}, 'vpc-1'), [bare])).toEqual({ findings: [], reason: 'no-effect' })
  })
})

describe('a tag whose value is a secret', () => {
  const hash = (value: unknown) => `hmac-sha256:${String(value)}`
  const secret = row('aws_instance', { id: 'i-1', tags: { Code: 'hmac-sha256:swordfish' } })
  const found = (one: ReturnType<typeof create>) => alerts(one, [secret], { hash })

  it('is compared by its hash, and shown on neither side', () => {
    expect(judge(create([tag('Code', 'swordfish')], 'i-1'), [secret], { hash })).toMatchObject({
      reason: 'as-declared',
    })
    for (const one of [create([tag('Code', 'tuna')], 'i-1'), remove([tag('Code')], 'i-1')]) {
      expect(found(one)).toMatchObject([
        { diffs: [{ attribute: 'tags.Code', oldValue: null, newValue: null, sensitive: true }] },
      ])
      expect(JSON.stringify(found(one)[0]!.diffs)).not.toMatch(/tuna|swordfish/)
      expect(found(one)[0]!.revertCommand).toBeNull()
    }
  })

  it('is compared as it is where the source has hashed it already', () => {
    expect(found(create([tag('Code', 'hmac-sha256:swordfish')], 'i-1'))).toEqual([])
    expect(found(remove([tag('Code', 'hmac-sha256:swordfish')], 'i-1'))).toHaveLength(1)
    expect(found(create([tag('New', 'hmac-sha256:tuna')], 'i-1'))).toMatchObject([
      { diffs: [{ attribute: 'tags.New', newValue: null, sensitive: true }], revertCommand: null },
    ])
  })

  it('is taken away by a call that gives its value, and by no other', () => {
    expect(found(remove([tag('Code', 'swordfish')], 'i-1'))).toMatchObject([{ diffs: [{ sensitive: true }] }])
    expect(found(remove([tag('Code', 'tuna')], 'i-1'))).toEqual([])
  })

  it('has no value that is shown where the name alone says that it is one', () => {
    const [one] = alerts(create([tag('password', 'tuna')], 'i-1'), [instance])
    expect(one!.diffs).toMatchObject([{ attribute: 'tags.password', newValue: null, sensitive: true }])
  })
})

describe('the command that sets tags back', () => {
  const command = (one: ReturnType<typeof create>) => alerts(one, [instance])[0]!.revertCommand

  it('creates what was there and deletes what was not', () => {
    expect(command(create([tag('Env', 'test')], 'i-1'))).toBe(
      `aws ec2 create-tags --resources i-1 --tags '[{"Key":"Env","Value":"live"}]'`,
    )
    expect(command(create([tag('New', 'x'), tag('Env', 'test')], 'i-1'))).toBe(
      `aws ec2 create-tags --resources i-1 --tags '[{"Key":"Env","Value":"live"}]'` +
        ` && aws ec2 delete-tags --resources i-1 --tags '[{"Key":"New"}]'`,
    )
    expect(command(remove([tag('Env')], 'i-1'))).toContain('create-tags')
  })

  it('is one word to a shell, whatever the tag is called', () => {
    expect(command(create([tag("'; rm -rf / #", 'x')], 'i-1'))).toBe(
      `aws ec2 delete-tags --resources i-1 --tags '[{"Key":"'\\''; rm -rf / #"}]'`,
    )
  })
})

it('an ARN tells a cluster from the instance of its name', () => {
  const arn = (kind: string) => `arn:aws:rds:eu-west-1:123456789012:${kind}:orders`
  const tags = { Env: 'live' }
  const both = [
    row('aws_db_instance', { id: 'orders', identifier: 'orders', arn: arn('db'), tags }),
    row('aws_rds_cluster', { id: 'orders', cluster_identifier: 'orders', arn: arn('cluster'), tags }),
  ]
  const tagged = call('rds', 'AddTagsToResource', { resourceName: arn('cluster'), tags: [tag('Env', 'x')] })
  expect(alerts(tagged, both)).toMatchObject([{ resource: { type: 'aws_rds_cluster' } }])
})

it('an ARN that stood in the path of the call may be encoded', () => {
  const arn = 'arn:aws:eks:eu-west-1:123456789012:nodegroup/prod/workers/aa'
  const workers = row('aws_eks_node_group', { id: 'prod:workers', arn, tags: { Env: 'live' } })
  const tagged = (resourceArn: string) =>
    alerts(call('eks', 'TagResource', { resourceArn, tags: { Env: 'x' } }), [workers])
  expect(tagged(encodeURIComponent(arn))).toMatchObject([{ resource: { id: 'prod:workers' } }])
  expect(tagged('arn%3Aaws%3Aeks%')).toEqual([])
})
