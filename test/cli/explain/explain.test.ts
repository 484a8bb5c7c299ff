import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { reasons } from '../../../cli/explain/explain-comparison.ts'
import { azureRecord, RULE_ID, stateRule } from '../../processors/azure/a-record.ts'
import { aLogEntry } from '../../support/log-entry.ts'
import { ACCOUNT, aRecord, explain, resource } from './an-explanation.ts'

const arn = `arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/main`
const trail = resource('aws_cloudtrail', { id: arn, arn, name: 'main', enable_logging: true })
const instance = resource('aws_instance', {
  id: 'i-1',
  arn: `arn:aws:ec2:eu-west-1:${ACCOUNT}:instance/i-1`,
  instance_type: 't3.small',
  disable_api_termination: true,
  tags: { Environment: 'production' },
})
const group = (ingress: object[]) => resource('aws_security_group', { id: 'sg-1', name: 'web', ingress })
const stop = (more = {}) => aRecord('cloudtrail', 'StopLogging', { name: 'main' }, more)
const start = (more = {}) => aRecord('cloudtrail', 'StartLogging', { name: 'main' }, more)
const modify = (parameters: object, more = {}) =>
  aRecord('ec2', 'ModifyInstanceAttribute', { instanceId: 'i-1', ...parameters }, more)
const open = (cidrIp: string) => ({
  groupId: 'sg-1',
  ipPermissions: {
    items: [{ ipProtocol: 'tcp', fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp }] } }],
  },
})
const terraform = { userAgent: 'APN/1.0 HashiCorp/1.0 Terraform/1.9.8' }

describe('an event that was not compared with the states', () => {
  it.each([
    ['only reads', { eventName: 'DescribeTrails', readOnly: true }, 'it only reads', 'readOnly is true.'],
    [
      'does not say that it only reads, but is named so',
      { eventName: 'GetTrail', readOnly: undefined },
      'it only reads',
      'the record does not say readOnly, and GetTrail is the name of a reading call.',
    ],
    [
      'failed',
      { errorCode: 'AccessDenied', errorMessage: 'User is not authorized' },
      'the call failed',
      'errorCode is "AccessDenied" ("User is not authorized").',
    ],
    [
      'failed without an error code',
      { responseElements: { _return: false } },
      'the call failed',
      'responseElements._return is false.',
    ],
    [
      'was a dry run',
      { requestParameters: { name: 'main', dryRun: true } },
      'it changes nothing that Terraform declares',
      'requestParameters.dryRun is true.',
    ],
    [
      'is no call',
      { eventType: 'AwsConsoleSignIn' },
      'it changes nothing that Terraform declares',
      'eventType is "AwsConsoleSignIn".',
    ],
    [
      'is listed as one without effect',
      { eventSource: 'ec2.amazonaws.com', eventName: 'StartInstances' },
      'it changes nothing that Terraform declares',
      'The mappings list StartInstances among the calls that change nothing',
    ],
    [
      'names nothing',
      { requestParameters: {} },
      'it changes nothing that Terraform declares',
      'The record does not name what the call acted on: it has no name.',
    ],
    [
      'is not mapped',
      { eventName: 'StopLoging' },
      'the call is not mapped',
      'StopLoging of cloudtrail.amazonaws.com is not mapped',
    ],
    [
      'is of a service that is not mapped',
      { eventSource: 'braket.amazonaws.com' },
      'the call is not mapped',
      'No call of braket.amazonaws.com is mapped',
    ],
    [
      'leaves out what was done',
      { requestParameters: { omitted: true } },
      'the record leaves out what was done',
      'CloudTrail left the parameters out, because they are too long (omitted is true)',
    ],
  ])('because it %s: says which field decided', async (_, more, outcome, because) => {
    const { code, out, json } = await explain([stop(more)], [trail])
    expect(code).toBe(0)
    expect(out).toContain(`No alert: ${outcome}.\n`)
    expect(out).toContain(`Was it compared with the states?\n  No. `)
    expect(out).toContain(because)
    expect(await json()).toMatchObject({ admission: { admitted: false }, verdicts: [], candidates: [] })
  })

  it('names the mapped call that was perhaps meant', async () => {
    const { out } = await explain([stop({ eventName: 'StopLoging' })], [trail])
    expect(out).toContain('(The mapped call with the nearest name is StopLogging.)')
  })

  it('says so of a record that is no event of a change', async () => {
    const { code, out } = await explain(
      [stop({ eventCategory: 'Data', managementEvent: false }), start()],
      [trail],
    )
    expect(code).toBe(0)
    expect(out).toContain('It was read from events.json#1 and passed over. It is about content')
  })
})

describe('an event that gave an alert', () => {
  it('tells who, when, from which file, against which resource, both values, rule and alert', async () => {
    const record = stop()
    const { out, json } = await explain([record], [trail])
    expect(out).toContain(`StopLogging of cloudtrail.amazonaws.com, event ${record.eventID}\n`)
    expect(out).toContain('1 alert: critical, attribute drift of aws_cloudtrail.this, open.\n')
    expect(out).toContain('alice (IAMUser) by cli from 203.0.113.10')
    expect(out).toContain(String(record.eventTime))
    expect(out).toContain('events.json#1\n')
    expect(out).toContain('Yes. readOnly is false, and there is no errorCode.')
    expect(out).toContain('Searched the states for aws_cloudtrail named main.')
    expect(out).toContain(
      `Found aws_cloudtrail.this (${arn}) in terraform.tfstate, serial 7: in the call's account and region.`,
    )
    expect(out).toContain('- enable_logging: the state says true, the call set false; different\n')
    expect(out).toContain(
      'Rule aws-101 (CloudTrail Logging Stopped) matches, critical: enable_logging changed from true to false.',
    )
    expect(out).toContain(
      `Alert ${(await json()).verdicts[0]!.alert!.id}\n    critical, open. No later event`,
    )
  })

  it('names the later event that set it back', async () => {
    const [first, later] = [stop(), start()]
    const { out } = await explain([first, later], [trail])
    expect(out).toContain('attribute drift of aws_cloudtrail.this, resolved.')
    expect(out).toContain(`A later event undid it: StartLogging at ${later.eventTime} (${later.eventID}).`)
  })

  it('says so where it was set back, and another event keeps the drift open', async () => {
    const first = modify({ instanceType: { value: 't3.large' } })
    const other = modify({ disableApiTermination: { value: false } })
    const back = modify({ instanceType: { value: 't3.small' } })
    const { out } = await explain([first, other, back], [instance])
    expect(out).toContain(`A later event undid it: ModifyInstanceAttribute at ${back.eventTime}`)
    expect(out).toContain(
      `But the resource still differs elsewhere, by ModifyInstanceAttribute at ${other.eventTime}`,
    )
  })

  it('says why other rules about the same change do not match, and names those about others', async () => {
    const attributes = { id: 'i-1', disable_api_termination: true, tags: { Environment: 'test' } }
    const unprotect = modify({ disableApiTermination: { value: false } })
    const { out } = await explain([unprotect], [resource('aws_instance', attributes)])
    expect(out).toContain(
      'Rule aws-001 (EC2 Termination Protection Disabled) does not match: it asks for tags.Environment equals "production"',
    )
    expect(out).toMatch(/About other changes: aws-111, aws-113, /)
  })

  it('says so where no rule matches', async () => {
    const { out } = await explain([stop()], [trail], { args: ['--rules', 'none'] })
    expect(out).toContain('No rule matches, so the severity is the default of this type: info.')
  })

  it('of a created resource says that no state holds it', async () => {
    const run = aRecord(
      'ec2',
      'RunInstances',
      {},
      {
        responseElements: { instancesSet: { items: [{ instanceId: 'i-9' }] } },
      },
    )
    const { out } = await explain([run], [instance])
    expect(out).toContain('1 alert: medium, unmanaged resource aws_instance i-9, open.')
    expect(out).toContain('Searched the states for aws_instance named i-9.\n  Found in no state.')
    expect(out).toContain('The call created it, and no state holds it.')
  })

  it('of a deleted resource says that the state still holds it', async () => {
    const terminate = aRecord('ec2', 'TerminateInstances', {
      instancesSet: { items: [{ instanceId: 'i-1' }] },
    })
    const { out } = await explain([terminate], [instance])
    expect(out).toContain('deleted resource aws_instance.this, open.')
    expect(out).toContain('The call deleted it, and the state still holds it.')
  })

  it('of a security group tells each rule, and who holds it', async () => {
    const ssh = { from_port: 22, to_port: 22, protocol: 'tcp', cidr_blocks: ['10.0.0.0/8'] }
    const authorize = aRecord('ec2', 'AuthorizeSecurityGroupIngress', open('0.0.0.0/0'))
    const { out } = await explain([authorize], [group([ssh])])
    expect(out).toContain(
      'Searched the states for aws_vpc_security_group_ingress_rule or aws_security_group_rule that belongs to sg-1.',
    )
    expect(out).toContain('this resource holds its children in an attribute of its own')
    expect(out).toMatch(/- ingress: the state says nothing, the call set \{.*"0\.0\.0\.0\/0".*; different/)
  })

  it('of a tag tells both values', async () => {
    const tags = { tagSet: { items: [{ key: 'Environment', value: 'test' }] } }
    const tag = aRecord('ec2', 'CreateTags', { resourcesSet: { items: [{ resourceId: 'i-1' }] }, ...tags })
    const { out } = await explain([tag], [instance])
    expect(out).toContain('- tags.Environment: the state says "production", the call set "test"; different\n')
    expect(out).toContain('Rule aws-114 (Environment Tag Changed) matches')
  })

  it('of a policy tells what came and went, not two whole documents', async () => {
    const policy = (...actions: string[]) =>
      JSON.stringify({ Statement: actions.map((Action) => ({ Effect: 'Allow', Action, Resource: '*' })) })
    const put = aRecord('iam', 'PutRolePolicy', {
      roleName: 'web',
      policyName: 'p',
      policyDocument: policy('s3:Get*', 'iam:*'),
    })
    const rows = [
      resource('aws_iam_role_policy', { id: 'web:p', role: 'web', name: 'p', policy: policy('s3:Get*') }),
    ]
    const { out } = await explain([put], rows)
    expect(out).toContain('- policy: different: compared by what the policy allows')
    expect(out).toContain('the call added [{Effect: "Allow", Action: "iam:*", Resource: "*"}]')
    expect(out).not.toContain('s3:Get')
  })

  it('shows no secret, and says that there was one', async () => {
    const reset = aRecord('rds', 'ModifyDBInstance', {
      dBInstanceIdentifier: 'orders',
      masterUserPassword: '****',
      dBInstanceClass: 'db.m5.large',
    })
    const database = resource('aws_db_instance', {
      id: 'db-1',
      identifier: 'orders',
      password: 'correct-horse',
      instance_class: 'db.t3.small',
    })
    const { out, json } = await explain([reset], [database])
    expect(out).toContain(
      '- password: sensitive, so its values are not shown; different: the event hides the value',
    )
    expect(`${out}${JSON.stringify(await json())}`).not.toMatch(/correct-horse|hmac-sha256/)
  })

  it('says what is not compared, and that detect does not print it by itself', async () => {
    const { out } = await explain([modify({ sriovNetSupport: { value: 'simple' } })], [instance])
    expect(out).toContain('info, change of aws_instance.this that is not compared, open.')
    expect(out).toContain('detect prints this only with --uncompared.')
    expect(out).toContain('The call also set sriovNetSupport, which no mapping knows.')
  })

  it('says which parameters carried nothing', async () => {
    const database = resource('aws_db_instance', { id: 'db-1', identifier: 'orders', multi_az: false })
    const parameters = { dBInstanceIdentifier: 'orders', multiAZ: true, applyImmediately: true }
    const { out } = await explain([aRecord('rds', 'ModifyDBInstance', parameters)], [database])
    expect(out).toContain('applyImmediately carried nothing that Terraform declares.')
  })
})

describe('an event that was compared and gave no alert', () => {
  it('is as declared: tells by which law the values are equal', async () => {
    const { out } = await explain([modify({ disableApiTermination: { value: 'true' } })], [instance])
    expect(out).toContain('No alert: the state says so already.')
    expect(out).toContain('What the call set is what the state says.')
    expect(out).toContain('- disable_api_termination: the state says true, the call set "true"; equal\n')
  })

  it('resolved an earlier alert: names it', async () => {
    const records = [stop(), start()]
    const { out } = await explain(records, [trail], { id: String(records[1]!.eventID) })
    expect(out).toContain(
      `It set back what an earlier event had changed, and so resolved the alert of StopLogging (${records[0]!.eventID}).`,
    )
  })

  it('is about a resource in no state', async () => {
    const { out } = await explain([stop({ requestParameters: { name: 'other' } })], [trail])
    expect(out).toContain('No alert: no state holds the resource.')
    expect(out).toContain('Searched the states for aws_cloudtrail named other.\n  Found in no state.')
    expect(out).toContain('Of resources in no state only the creation is an alert.')
  })

  it.each([
    ['account', { recipientAccountId: '999999999999' }, 'account 123456789012', 'account 999999999999'],
    ['region', { awsRegion: 'us-east-1' }, 'region eu-west-1', 'region us-east-1'],
  ])('is about another %s than that of the resource', async (_, more, own, other) => {
    const { out, json } = await explain([stop(more)], [trail])
    expect(out).toContain('No alert: no state holds the resource.')
    expect(out).toContain(`not this one: it is in ${own}, and the call is about ${other}.`)
    expect((await json()).candidates).toMatchObject([{ address: 'aws_cloudtrail.this', inScope: false }])
  })

  it('is about an instance that Terraform has replaced', async () => {
    const attributes = { id: 'i-2', instance_type: 't3.small' }
    const old = resource('aws_instance', attributes, { deposed: '00000001' })
    const terminate = aRecord('ec2', 'TerminateInstances', {
      instancesSet: { items: [{ instanceId: 'i-2' }] },
    })
    const { out } = await explain([terminate], [old])
    expect(out).toContain('but deposed: Terraform has replaced this instance and will destroy it.')
    expect(out).toContain('Only instances that Terraform has replaced went with the call.')
  })

  it("is Terraform's own, and a later event has the last word", async () => {
    const [own, later] = [stop(terraform), start()]
    const { out } = await explain([own, later], [trail])
    expect(out).toContain("No alert: it is Terraform's own call, and a later event has the last word.")
    expect(out).toContain(`the last word on what it changed: StartLogging at ${later.eventTime}`)
  })

  it("but is Terraform's own with the last word: an alert, which says so", async () => {
    const { out } = await explain([stop(terraform)], [trail])
    expect(out).toContain(
      'It is a call of Terraform itself: it has the last word here, and the state still differs.',
    )
  })

  it('is of a service for itself', async () => {
    const userIdentity = { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' }
    const responseElements = { instancesSet: { items: [{ instanceId: 'i-9' }] } }
    const { out } = await explain(
      [aRecord('ec2', 'RunInstances', {}, { userIdentity, responseElements })],
      [],
    )
    expect(out).toContain('autoscaling.amazonaws.com is a service, which made it for itself.')
  })
})

describe('calls of other clouds', () => {
  it('are explained by their own fields: Google', async () => {
    const project = 'shop'
    const firewall = resource('google_compute_firewall', {
      id: 'projects/shop/global/firewalls/web',
      name: 'web',
      project,
      source_ranges: ['10.0.0.0/8'],
    })
    const patch = aLogEntry({
      logName: `projects/${project}/logs/cloudaudit.googleapis.com%2Factivity`,
      protoPayload: {
        serviceName: 'compute.googleapis.com',
        methodName: 'v1.compute.firewalls.patch',
        resourceName: `projects/${project}/global/firewalls/web`,
        authenticationInfo: { principalEmail: 'alice@example.com' },
        request: { sourceRanges: ['0.0.0.0/0'] },
      },
    })
    const { out } = await explain([patch], [firewall], { id: String(patch.insertId) })
    expect(out).toContain('It is a call that changes something, and its status is no error.')
    expect(out).toContain(
      '- source_ranges: the state says ["10.0.0.0/8"], the call set ["0.0.0.0/0"]; different',
    )
    expect(out).toContain('the call took away ["10.0.0.0/8"], the call added ["0.0.0.0/0"]')
    const denied = {
      ...patch,
      protoPayload: { ...(patch.protoPayload as object), status: { code: 7, message: 'no' } },
    }
    const { out: failed } = await explain([denied], [firewall], { id: String(patch.insertId) })
    expect(failed).toContain('The call failed, so it changed nothing: protoPayload.status.code is 7 ("no").')
  })

  it('are explained by their own fields: Azure', async () => {
    const record = azureRecord({ correlationId: 'correlation-1' }, { requestbody: '{}', responseBody: '{}' })
    const rule = resource('azurerm_network_security_rule', { id: RULE_ID, ...stateRule })
    const { out } = await explain([record], [rule], { id: 'correlation-1' })
    expect(out).toContain('resultType is "Success".')
    expect(out).toContain('changed it, and the record does not tell how')
    const failed = await explain([{ ...record, resultType: 'Failure' }], [rule], { id: 'correlation-1' })
    expect(failed.out).toContain('The call failed, so it changed nothing: resultType is "Failure".')
  })
})

it('every law of comparison has words for a reader', () => {
  const folders = ['processors/detect', 'processors/compare']
  const sources = folders.flatMap((folder) => readdirSync(folder).map((file) => path.join(folder, file)))
  const text = sources.map((file) => readFileSync(file, 'utf8')).join('\n')
  const named = [
    ...text.matchAll(/(?:law: (?:kept \? )?|elements\(|alike\(|hiddenChange\(input, )'([^']+)'/g),
  ]
  const laws = [...new Set(named.map(([, law]) => law!))]
  expect(laws.length).toBeGreaterThan(12)
  expect(laws.filter((law) => !Object.hasOwn(reasons, law))).toEqual([])
})

describe('a signal', () => {
  it('is explained by its priority', async () => {
    const finding = {
      uuid: 'falco-1',
      rule: 'Terminal shell in container',
      priority: 'Notice',
      time: '2026-03-01T10:00:00Z',
      source: 'syscall',
      hostname: 'node-1',
      output: 'A shell was spawned',
      output_fields: { 'user.name': 'root' },
    }
    const { out } = await explain([finding], [], { id: 'falco-1' })
    expect(out).toContain('1 alert: low, a signal, open.')
    expect(out).toContain(
      'a finding of Falco that names no cloud resource: an alert by its priority, "Notice".',
    )
  })
})

describe('an id', () => {
  it('of which there are copies is explained once', async () => {
    const record = stop()
    const { out } = await explain([record, record, start()], [trail])
    expect(out).toContain(
      'events.json#1\n             events.json#2, of the same id and account: counts once\n',
    )
    expect(out.match(/^StopLogging of/gm)).toHaveLength(1)
  })

  it('that no event has gives the ones that were perhaps meant, and exit code 1', async () => {
    const { code, out, err } = await explain([stop({ eventID: 'abcdef-1' }), start()], [trail], {
      id: 'abcdfe-1',
    })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('none of 2 events has the id abcdfe-1: did you mean abcdef-1?')
  })

  it('that is the beginning of one gives the whole', async () => {
    const { err } = await explain([stop({ eventID: 'abcdef-1-2-3' })], [trail], { id: 'abcdef' })
    expect(err).toContain('did you mean abcdef-1-2-3?')
  })

  it('that is like no other tells what ids look like', async () => {
    const { err } = await explain([stop({ eventID: 'abcdef-1' })], [trail], { id: 'StopLogging' })
    expect(err).toContain('ids look like abcdef-1')
  })

  it('of an alert tells that of its event', async () => {
    const record = stop()
    const { json } = await explain([record], [trail])
    const { code, err } = await explain([record], [trail], { id: (await json()).verdicts[0]!.alert!.id })
    expect(code).toBe(1)
    expect(err).toContain(`is the id of an alert. Its event is ${record.eventID}`)
  })

  it('of a record that could not be read tells what is wrong with it', async () => {
    const { code, err } = await explain([stop({ eventID: 'bad-1', eventTime: 'noon' })], [trail])
    expect(code).toBe(1)
    expect(err).toContain('the record with bad-1 could not be read: events.json#1: eventTime is missing')
  })

  it('that two accounts share is explained for each of them', async () => {
    const sharedEventID = 'shared-1'
    const records = ['999999999999', ACCOUNT].map((recipientAccountId) =>
      stop({ sharedEventID, recipientAccountId }),
    )
    const { out } = await explain(records, [trail], { id: sharedEventID })
    expect(out.match(/^StopLogging of/gm)).toHaveLength(2)
    expect(out).toContain('1 alert: critical')
  })
})

it('what a caller wrote cannot forge lines or reach the terminal', async () => {
  const evil = 'main\n\u001b[31mNo alert'
  const { out } = await explain([stop({ requestParameters: { name: evil } })], [trail])
  expect(out).toContain('main\\u{a}\\u{1b}[31mNo alert')
})
