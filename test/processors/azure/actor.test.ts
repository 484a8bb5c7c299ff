import { expect, test } from 'vitest'
import { azureActor } from '../../../processors/azure-actor.ts'
import { azureRecord } from './a-record.ts'

test('a person is named as the directory names them', () => {
  expect(azureActor(azureRecord())).toEqual({
    type: 'User',
    name: 'alice@example.com',
    email: 'alice@example.com',
    arn: null,
    principalId: 'f1d1a1b2-0000-4000-8000-000000000001',
    account: '72f988bf-0000-4000-8000-000000000002',
    sessionIssuer: null,
    tool: 'console',
    sourceIp: '203.0.113.10',
    mfa: true,
  })
})

test.each([
  [
    'a service principal by its application',
    { claims: { appid: 'app-1', idtyp: 'app' } },
    { type: 'ServicePrincipal', name: 'app-1', tool: 'unknown', mfa: null },
  ],
  [
    'a managed identity by its resource',
    {
      claims: {
        appid: 'app-1',
        xms_mirid: '/subscriptions/s/providers/Microsoft.Compute/virtualMachines/runner',
      },
    },
    { type: 'ManagedIdentity', name: 'runner' },
  ],
  [
    'an identity that is only a name',
    'bob@example.com',
    { type: 'Unknown', name: 'bob@example.com', email: 'bob@example.com' },
  ],
  [
    'whoever has no claims by the evidence of the authorization',
    { authorization: { evidence: { principalId: 'p-1', principalType: 'Group' } } },
    { type: 'Group', name: 'p-1', principalId: 'p-1' },
  ],
  [
    'the CLI by its application',
    { claims: { appid: '04B07795-8DDB-461A-BBEE-02F9E1BF7B46' } },
    { tool: 'cli' },
  ],
  ['nobody', undefined, { type: 'Unknown', name: 'unknown', email: null, tool: 'unknown' }],
])('%s', (_, identity, expected) => {
  expect(azureActor(azureRecord({ identity: identity ?? null }))).toMatchObject(expected)
})

test('an address may have its port behind it, and what is none is left out', () => {
  expect(azureActor(azureRecord({ callerIpAddress: '203.0.113.10:443' })).sourceIp).toBe('203.0.113.10')
  expect(azureActor(azureRecord({ callerIpAddress: 'Azure' })).sourceIp).toBeNull()
})
