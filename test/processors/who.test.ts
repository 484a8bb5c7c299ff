import { describe, expect, it } from 'vitest'
import { actorText } from '../../connectors/sinks/formats/actor-text.ts'
import { awsActor } from '../../processors/actor.ts'
import { azureActor } from '../../processors/azure-actor.ts'
import type { JsonObject } from '../../processors/finding.ts'
import { gcpActor } from '../../processors/gcp-actor.ts'
import type { Actor } from '../../schemas/types.ts'
import { anAlertJson } from '../connectors/an-alert.ts'

const account = '123456789012'
const aws = (userIdentity: JsonObject, record: JsonObject = {}) => awsActor({ userIdentity, ...record })
const assumed = (role: string, session: string, of = account) =>
  aws({ type: 'AssumedRole', arn: `arn:aws:sts::${of}:assumed-role/${role}/${session}`, accountId: of })
const google = (authenticationInfo: JsonObject) => gcpActor({ authenticationInfo })
const azure = (claims: JsonObject) => azureActor({ identity: { claims } })

/** Everybody whom issue and contract name, one after the other. */
const people: [who: string, actor: Actor, expected: Partial<Actor>][] = [
  ['root', aws({ type: 'Root', arn: `arn:aws:iam::${account}:root` }), { type: 'Root', name: 'root' }],
  ['an IAM user', aws({ type: 'IAMUser', userName: 'alice' }), { type: 'IAMUser', name: 'alice' }],
  [
    'an assumed role, by its session',
    assumed('Deploy', 'build-7'),
    { name: 'build-7', sessionIssuer: 'Deploy' },
  ],
  [
    'a session of Identity Center, as the person',
    assumed('AWSReservedSSO_Admin_0123456789abcdef', 'ines@example.com'),
    { name: 'ines@example.com', email: 'ines@example.com' },
  ],
  [
    'a federated user',
    aws({ type: 'FederatedUser', principalId: `${account}:erin` }),
    { type: 'FederatedUser', name: 'erin' },
  ],
  [
    'a service',
    aws({ type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' }),
    { name: 'autoscaling.amazonaws.com', tool: 'service' },
  ],
  [
    'a role of another account',
    assumed('Ops', 'sam', '999999999999'),
    { account: '999999999999', name: 'sam' },
  ],
  [
    'a person behind a chain of impersonated Google service accounts',
    google({
      principalEmail: 'deployer@shop.iam.gserviceaccount.com',
      serviceAccountDelegationInfo: [
        { firstPartyPrincipal: { principalEmail: 'ines@example.com' } },
        { firstPartyPrincipal: { principalEmail: 'middle@shop.iam.gserviceaccount.com' } },
      ],
    }),
    {
      name: 'ines@example.com',
      email: 'deployer@shop.iam.gserviceaccount.com',
      sessionIssuer: 'deployer@shop.iam.gserviceaccount.com',
      type: 'ServiceAccount',
    },
  ],
  [
    'a user of Google',
    google({ principalEmail: 'ines@example.com' }),
    { type: 'User', name: 'ines@example.com' },
  ],
  [
    'a user of Azure',
    azure({ upn: 'ines@example.com', oid: 'o-1' }),
    { type: 'User', name: 'ines@example.com' },
  ],
  [
    'an application of Azure',
    azure({ idtyp: 'app', appid: 'a-1' }),
    { type: 'ServicePrincipal', name: 'a-1' },
  ],
  [
    'a managed identity of Azure',
    azure({ xms_mirid: '/subscriptions/s/providers/x/userAssignedIdentities/ci', appid: 'a-1' }),
    { type: 'ManagedIdentity', name: 'ci' },
  ],
]

const agents: [tool: Actor['tool'], record: JsonObject][] = [
  ['console', { userAgent: 'signin.amazonaws.com' }],
  ['cli', { userAgent: 'aws-cli/2.15.30 md/awscrt' }],
  ['sdk', { userAgent: 'Boto3/1.34 md/Botocore#1.34' }],
  ['terraform', { userAgent: 'APN/1.0 HashiCorp/1.0 Terraform/1.7.0 terraform-provider-aws/5.40.0' }],
  ['service', { userAgent: 'cloudformation.amazonaws.com' }],
]

describe('who made a call', () => {
  it.each(people)('is told of %s', (_, actor, expected) => {
    expect(actor).toMatchObject(expected)
  })

  it.each(agents)('is told with the tool: %s', (tool, record) => {
    expect(aws({ type: 'IAMUser', userName: 'alice' }, record).tool).toBe(tool)
  })

  it('from another account than the resource’s is told with it', () => {
    const text = actorText(anAlertJson({ actor: assumed('Ops', 'sam', '999999999999') }))
    expect(text).toContain('999999999999')
    expect(actorText(anAlertJson({ actor: assumed('Ops', 'sam') }))).not.toContain(account)
  })
})
