import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { awsActor } from '../../processors/actor.ts'
import type { JsonObject } from '../../processors/finding.ts'

const account = '123456789012'

function actorOf(userIdentity: JsonObject | null, rest: JsonObject = {}) {
  return awsActor({ ...(userIdentity && { userIdentity }), ...rest })
}

describe('W15: who made an AWS call', () => {
  it('an IAM user', () => {
    const arn = `arn:aws:iam::${account}:user/ops/alice`
    const identity = { type: 'IAMUser', principalId: 'AIDA1', arn, accountId: account, userName: 'alice' }
    expect(actorOf(identity, { sourceIPAddress: '203.0.113.10' })).toEqual({
      type: 'IAMUser',
      name: 'alice',
      email: null,
      arn,
      principalId: 'AIDA1',
      account,
      sessionIssuer: null,
      tool: 'unknown',
      sourceIp: '203.0.113.10',
      mfa: null,
    })
    expect(actorOf({ ...identity, userName: '' }).name).toBe('alice')
    expect(actorOf({ ...identity, userName: 'alice@example.com' }).email).toBe('alice@example.com')
  })

  it('an assumed role is known by its session', () => {
    const arn = `arn:aws:sts::${account}:assumed-role/DevAdmin/carol`
    const issuer = { type: 'Role', arn: `arn:aws:iam::${account}:role/team/DevAdmin`, userName: 'DevAdmin' }
    expect(
      actorOf({
        type: 'AssumedRole',
        principalId: 'AROA1:carol',
        arn,
        sessionContext: { sessionIssuer: issuer },
      }),
    ).toMatchObject({
      type: 'AssumedRole',
      name: 'carol',
      principalId: 'AROA1:carol',
      account,
      sessionIssuer: issuer.arn,
    })
    expect(actorOf({ type: 'AssumedRole', arn })).toMatchObject({ name: 'carol', sessionIssuer: 'DevAdmin' })
    expect(actorOf({ type: 'AssumedRole', principalId: 'AROA1:carol' }).name).toBe('carol')
    expect(actorOf({ type: 'AssumedRole', arn: `arn:aws:sts::${account}:assumed-role/tester` }).name).toBe(
      'tester',
    )
    expect(
      actorOf({ type: 'AssumedRole', sessionContext: { sessionIssuer: { userName: 'Ops' } } }),
    ).toMatchObject({
      name: 'Ops',
      sessionIssuer: 'Ops',
    })
  })

  it('a user of Identity Center, with the e-mail', () => {
    const arn = `arn:aws:sts::${account}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/dave@example.com`
    expect(actorOf({ type: 'AssumedRole', arn })).toMatchObject({
      name: 'dave@example.com',
      email: 'dave@example.com',
    })
    expect(actorOf({ type: 'AssumedRole', arn: arn.replace('@example.com', '') })).toMatchObject({
      name: 'dave',
      email: null,
    })
    const issuer = {
      arn: `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_01`,
    }
    const byIssuer = {
      type: 'AssumedRole',
      principalId: 'AROA1:dave@example.com',
      sessionContext: { sessionIssuer: issuer },
    }
    expect(actorOf(byIssuer).email).toBe('dave@example.com')
  })

  it('a session name of an ordinary role is the caller’s choice, so it is nobody’s e-mail', () => {
    const arn = `arn:aws:sts::${account}:assumed-role/Dev/ceo@example.com`
    expect(actorOf({ type: 'AssumedRole', arn })).toMatchObject({ name: 'ceo@example.com', email: null })
  })

  it.each<[string, JsonObject, object]>([
    [
      'Root',
      { arn: `arn:aws:iam::${account}:root`, accountId: account, userName: 'the-alias' },
      { name: 'root', account },
    ],
    [
      'AWSService',
      { invokedBy: 'lambda.amazonaws.com' },
      { name: 'lambda.amazonaws.com', tool: 'service', account: null },
    ],
    ['AWSAccount', { accountId: account, principalId: 'AROA1:job' }, { name: 'job', account }],
    ['AWSAccount', { accountId: account }, { name: account }],
    [
      'FederatedUser',
      { principalId: `${account}:erin`, arn: `arn:aws:sts::${account}:federated-user/erin` },
      { name: 'erin' },
    ],
    [
      'WebIdentityUser',
      { principalId: 'accounts.google.com:app:42', userName: 'fay@example.com' },
      { name: 'fay@example.com', email: 'fay@example.com' },
    ],
    ['WebIdentityUser', { principalId: 'accounts.google.com:app:42' }, { name: '42' }],
    ['SAMLUser', { principalId: 'qualifier:gus', userName: 'gus' }, { name: 'gus' }],
    [
      'IdentityCenterUser',
      { accountId: account, onBehalfOf: { userId: 'u-1' } },
      { name: 'u-1', principalId: 'u-1' },
    ],
    ['constructor', {}, { name: 'unknown' }],
    ['__proto__', { userName: 'x' }, { name: 'x' }],
  ])('%s %j', (type, identity, expected) => {
    expect(actorOf({ type, ...identity })).toMatchObject({ type, ...expected })
  })

  it('a service that logs on its own, and nobody at all', () => {
    expect(actorOf(null, { eventType: 'AwsServiceEvent', eventSource: 'kms.amazonaws.com' })).toMatchObject({
      type: 'AWSService',
      name: 'kms.amazonaws.com',
      tool: 'service',
    })
    expect(actorOf({ invokedBy: 'events.amazonaws.com' })).toMatchObject({
      type: 'AWSService',
      name: 'events.amazonaws.com',
    })
    expect(actorOf(null)).toMatchObject({ type: 'Unknown', name: 'unknown', tool: 'unknown' })
    expect(awsActor({ userIdentity: null })).toMatchObject({ type: 'Unknown', name: 'unknown' })
  })

  it('"<NA>" is empty', () => {
    const identity = {
      type: 'AssumedRole',
      arn: '<NA>',
      principalId: 'AROA1:hal',
      userName: '<NA>',
      accountId: '<NA>',
    }
    expect(actorOf(identity, { userAgent: '<NA>', sourceIPAddress: '<NA>' })).toMatchObject({
      name: 'hal',
      arn: null,
      account: null,
      sourceIp: null,
      tool: 'unknown',
    })
  })

  it.each([
    ['true', true],
    ['false', false],
    [true, true],
    ['<NA>', null],
    [undefined, null],
  ])('mfaAuthenticated %j is %j', (mfaAuthenticated, mfa) => {
    const attributes: JsonObject = mfaAuthenticated === undefined ? {} : { mfaAuthenticated }
    expect(actorOf({ type: 'IAMUser', sessionContext: { attributes } }).mfa).toBe(mfa)
  })

  it.each([
    ['2001:db8::1', '2001:db8::1'],
    ['AWS Internal', null],
    ['cloudformation.amazonaws.com', null],
  ])('the source %s is the address %s', (sourceIPAddress, expected) => {
    expect(actorOf(null, { sourceIPAddress }).sourceIp).toBe(expected)
  })
})

describe('R34: with which tool an AWS call was made', () => {
  const browser = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36'
  const terraform =
    'APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io) terraform-provider-aws/3.76.1 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go/1.44.157 (go1.19.3; linux; amd64) HashiCorp-terraform-exec/0.17.3'

  it.each([
    [terraform, 'terraform'],
    [`[${terraform}]`, 'terraform'],
    ['APN/1.0 HashiCorp/1.0 OpenTofu/1.9.0 terraform-provider-aws/dev', 'terraform'],
    ['terraform-provider-awscc/1.0', 'terraform'],
    ['console.amazonaws.com', 'console'],
    ['console.ec2.amazonaws.com', 'console'],
    ['signin.amazonaws.com', 'console'],
    ['[S3Console/0.4, aws-internal/3 aws-sdk-java/1.11.666 Linux/4.9]', 'console'],
    ['aws-cli/2.15.59 md/awscrt#0.19.19 ua/2.0 botocore/2.1', 'cli'],
    ['[aws-cli/2.13.0]', 'cli'],
    ['Boto3/1.26.2 Python/3.10.8 Botocore/1.29.2', 'sdk'],
    ['CloudCustodian/0.9.2 Python/3.8.3 Botocore/1.15.49', 'sdk'],
    ['aws-sdk-go/1.15.12 (go1.12.6; linux; amd64)', 'sdk'],
    ['aws-sdk-js/3.0', 'sdk'],
    ['AWS Internal', 'service'],
    ['awslambda-worker/1.0 rusoto/0.48.0 rust/1.66.1 linux', 'service'],
    ['aws-internal/3 aws-sdk-java/1.11.1030', 'service'],
    ['autoscaling.amazonaws.com', 'service'],
    [browser, 'unknown'],
    ['mycli/1.0', 'unknown'],
    ['notTerraform/1.0', 'unknown'],
  ])('%s: %s', (userAgent, tool) => {
    expect(actorOf({ type: 'IAMUser' }, { userAgent }).tool).toBe(tool)
  })

  it.each([
    [browser, 'console'],
    ['AWS Internal', 'console'],
    ['aws-internal/3 aws-sdk-java/1.11.1030', 'console'],
    ['aws-cli/2.13.5 exec-env/CloudShell', 'cli'],
    [terraform, 'terraform'],
  ])('%s in a session of the console: %s', (userAgent, tool) => {
    for (const sessionCredentialFromConsole of ['true', 'True', true]) {
      expect(actorOf({ type: 'AssumedRole' }, { userAgent, sessionCredentialFromConsole }).tool).toBe(tool)
    }
  })

  it.each([
    ['cloudformation.amazonaws.com', 'console.amazonaws.com', 'service'],
    ['cloudformation.amazonaws.com', terraform, 'service'],
    ['signin.amazonaws.com', 'sqs.amazonaws.com', 'console'],
    ['AWS Internal', 'something', 'service'],
  ])('invoked by %s, user agent %s: %s', (invokedBy, userAgent, tool) => {
    expect(actorOf({ type: 'AssumedRole', invokedBy }, { userAgent }).tool).toBe(tool)
  })
})

const corpora = process.env.TFDRIFT_CORPORA ?? path.resolve(import.meta.dirname, '../../../shared/corpora')
const files = ['panther', 'streamalert', 'eventbridge-c7n-cwe'].map((name) =>
  path.join(corpora, 'cloudtrail', `${name}.ndjson`),
)

// Left out, not skipped, where there are no recorded events.
if (files.every((file) => existsSync(file)))
  describe('awsActor on recorded events', () => {
    const records = () =>
      files.flatMap((file) =>
        readFileSync(file, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).record)
          .map((record) => record.detail ?? record)
          .filter(({ eventName }) => eventName),
      )

    it('names everyone who has a name, and never shows a placeholder or the word undefined', () => {
      for (const record of records()) {
        const actor = awsActor(record)
        expect(actor.name).not.toMatch(/^(undefined|null|<NA>|)$/)
        if (
          record.userIdentity?.type === 'AssumedRole' &&
          /assumed-role\/.+\/.+/.test(record.userIdentity.arn)
        ) {
          expect(actor.name).toBe(record.userIdentity.arn.split('/').at(-1))
        }
        if (record.userIdentity?.userName && record.userIdentity.type === 'IAMUser') {
          expect(actor.name).toBe(record.userIdentity.userName)
        }
      }
    })

    it('finds Terraform, the console, the command line and services among them', () => {
      const tools = new Map<string, number>()
      for (const record of records()) {
        const { tool } = awsActor(record)
        tools.set(tool, (tools.get(tool) ?? 0) + 1)
        const agent = String(record.userAgent)
        if (agent.includes('terraform-provider-aws/')) expect(tool).toBe('terraform')
        if (agent.startsWith('aws-cli/')) expect(tool).toBe('cli')
      }
      for (const tool of ['terraform', 'console', 'cli', 'sdk', 'service'])
        expect(tools.get(tool)).toBeGreaterThan(3)
    })
  })
