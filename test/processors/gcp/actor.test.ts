import { expect, test } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import { gcpActor } from '../../../processors/gcp-actor.ts'
import { CHROME, firewallEntry, TERRAFORM } from './an-entry.ts'

const logOf = (log: JsonObject = {}) =>
  firewallEntry('v1.compute.firewalls.patch', {}, {}, log).protoPayload as JsonObject
const by = (authenticationInfo: JsonObject) => gcpActor(logOf({ authenticationInfo }))
const with_ = (requestMetadata: JsonObject) => gcpActor(logOf({ requestMetadata }))

test('a person is named by their address', () => {
  expect(gcpActor(logOf())).toEqual({
    type: 'User',
    name: 'alice@example.com',
    email: 'alice@example.com',
    arn: null,
    principalId: 'user:alice@example.com',
    account: null,
    sessionIssuer: null,
    tool: 'console',
    sourceIp: '203.0.113.10',
    mfa: null,
  })
})

const deployer = 'deployer@shop-prod.iam.gserviceaccount.com'
const pool = 'principal://iam.googleapis.com/projects/1234/locations/global/workloadIdentityPools/ci'

test.each<[string, JsonObject, object]>([
  [
    'a service account, of its project',
    { principalEmail: deployer, principalSubject: `serviceAccount:${deployer}` },
    { type: 'ServiceAccount', name: deployer, email: deployer, account: 'shop-prod', sessionIssuer: null },
  ],
  [
    'the account of an App Engine project',
    { principalEmail: 'shop-prod@appspot.gserviceaccount.com' },
    { type: 'ServiceAccount', account: 'shop-prod' },
  ],
  [
    'a person behind a service account',
    {
      principalEmail: deployer,
      serviceAccountDelegationInfo: [{ firstPartyPrincipal: { principalEmail: 'alice@example.com' } }],
    },
    { type: 'ServiceAccount', name: 'alice@example.com', email: deployer, sessionIssuer: deployer },
  ],
  [
    'whoever began a chain of service accounts',
    {
      principalEmail: deployer,
      serviceAccountDelegationInfo: [
        { principalSubject: 'user:alice@example.com' },
        { firstPartyPrincipal: { principalEmail: 'middle@shop-prod.iam.gserviceaccount.com' } },
      ],
    },
    { name: 'alice@example.com', email: deployer, sessionIssuer: deployer },
  ],
  [
    'a workload behind a service account',
    {
      principalEmail: deployer,
      principalSubject: `serviceAccount:${deployer}`,
      serviceAccountDelegationInfo: [
        { principalSubject: `${pool}/subject/repo:acme/shop:ref:refs/heads/main` },
      ],
    },
    { name: 'repo:acme/shop:ref:refs/heads/main', email: deployer, sessionIssuer: deployer },
  ],
  [
    'a workload without a service account',
    { principalSubject: `${pool}/subject/repo:acme/shop` },
    {
      type: 'WorkloadIdentity',
      name: 'repo:acme/shop',
      email: null,
      principalId: `${pool}/subject/repo:acme/shop`,
    },
  ],
  [
    "a person of another company's directory",
    { principalSubject: 'principal://iam.googleapis.com/locations/global/workforcePools/staff/subject/dan' },
    { type: 'WorkforceIdentity', name: 'dan', email: null },
  ],
  [
    'whoever holds a key, where nothing else is known',
    { serviceAccountKeyName: '//iam.googleapis.com/projects/p/serviceAccounts/s/keys/k' },
    {
      type: 'Unknown',
      name: 'unknown',
      principalId: '//iam.googleapis.com/projects/p/serviceAccounts/s/keys/k',
    },
  ],
  ['nobody', {}, { type: 'Unknown', name: 'unknown', email: null, principalId: null, account: null }],
  [
    'a chain that is none',
    { principalEmail: deployer, serviceAccountDelegationInfo: ['x'] },
    { name: deployer },
  ],
])('%s', (_, identity, expected) => {
  expect(by(identity)).toMatchObject(expected)
})

test.each([
  ['123456@cloudservices.gserviceaccount.com', 'service'],
  ['service-123456@container-engine-robot.iam.gserviceaccount.com', 'service'],
  ['service-123456@compute-system.iam.gserviceaccount.com', 'service'],
  ['system@google.com', 'service'],
  // Anybody can make these.
  ['service-123456@shop-prod.iam.gserviceaccount.com', 'console'],
  ['compute-system@shop-prod.iam.gserviceaccount.com', 'console'],
  ['system@google.com.example.com', 'console'],
])('%s acts as a %s', (principalEmail, tool) => {
  expect(by({ principalEmail }).tool).toBe(tool)
})

test.each([
  [TERRAFORM, 'terraform'],
  [
    'google-api-go-client/0.5 Terraform/0.13.2 (+https://www.terraform.io) terraform-provider-google/3.90.1,gzip(gfe)',
    'terraform',
  ],
  ['OpenTofu/1.8.1 (+https://opentofu.org) terraform-provider-google-beta/6.1.0,gzip(gfe)', 'terraform'],
  [CHROME, 'console'],
  [
    'google-cloud-sdk gcloud/467.0.0 command/gcloud.compute.firewall-rules.update python/3.11.8,gzip(gfe)',
    'cli',
  ],
  [
    'apitools Python/3.9.11 gsutil/5.11 (darwin) command/notification google-cloud-sdk/394.0.0,gzip(gfe)',
    'cli',
  ],
  ['google-api-go-client/0.5,gzip(gfe)', 'sdk'],
  ['google-api-nodejs-client/7.2.0 (gzip),gzip(gfe)', 'sdk'],
  ['gcloud-python/2.14.0 gl-python/3.11.8 grpc/1.60.0 gax/2.15.0 gccl/2.14.0,gzip(gfe)', 'sdk'],
  ['(gzip),gzip(gfe)', 'unknown'],
])('the user agent %s is one of a %s', (callerSuppliedUserAgent, tool) => {
  expect(with_({ callerSuppliedUserAgent }).tool).toBe(tool)
})

test('what is no address is left out', () => {
  expect(with_({ callerIp: '2001:db8::1' }).sourceIp).toBe('2001:db8::1')
  expect(with_({ callerIp: 'private' }).sourceIp).toBeNull()
  expect(with_({}).sourceIp).toBeNull()
})
