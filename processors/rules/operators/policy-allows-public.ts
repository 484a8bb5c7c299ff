import { allowsPublic } from '../public-policy.ts'
import { valueOperator } from '../value-operator.ts'

const anyone = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' }
const when = (operator: string, key: string, value: string) => [
  { ...anyone, Condition: { [operator]: { [key]: value } } },
]

export const policyAllowsPublic = valueOperator({
  name: 'policy_allows_public',
  args: {},
  holds() {
    return allowsPublic
  },
  doc: 'A policy (of a change, what it added) lets in everybody: `*` with no condition that narrows it, `allUsers`, `allAuthenticatedUsers`.',
  examples: [
    {
      args: {},
      attribute: { value: JSON.stringify({ Version: '2012-10-17', Statement: anyone }) },
      holds: true,
    },
    { args: {}, attribute: { value: [{ ...anyone, Principal: { AWS: ['*'] } }] }, holds: true },
    {
      args: {},
      attribute: { value: [{ ...anyone, Principal: { Service: 'sns.amazonaws.com' } }] },
      holds: false,
    },
    { args: {}, attribute: { value: [{ ...anyone, Effect: 'Deny' }] }, holds: false },
    { args: {}, attribute: { value: [{ ...anyone, Principal: { AWS: '123456789012' } }] }, holds: false },
    { args: {}, attribute: { value: when('StringEquals', 'aws:PrincipalOrgID', 'o-1') }, holds: false },
    {
      args: {},
      attribute: { value: when('StringEqualsIfExists', 'aws:PrincipalOrgID', 'o-1') },
      holds: true,
    },
    { args: {}, attribute: { value: when('StringLike', 'aws:PrincipalArn', '*') }, holds: true },
    { args: {}, attribute: { value: when('StringNotEquals', 'aws:SourceVpce', 'vpce-1') }, holds: true },
    { args: {}, attribute: { value: when('IpAddress', 'aws:SourceIp', '203.0.113.0/24') }, holds: false },
    { args: {}, attribute: { value: when('IpAddress', 'aws:SourceIp', '0.0.0.0/0') }, holds: true },
    { args: {}, attribute: { value: when('Bool', 'aws:SecureTransport', 'true') }, holds: true },
    { args: {}, attribute: { value: ['user:a@example.com', 'allUsers'] }, holds: true },
    { args: {}, attribute: { value: 'allAuthenticatedUsers' }, holds: true },
    {
      args: {},
      attribute: { value: { bindings: [{ role: 'roles/viewer', members: ['allUsers'] }] } },
      holds: true,
    },
    { args: {}, attribute: { value: [{ role: 'roles/viewer', members: ['user:a@b.c'] }] }, holds: false },
    { args: {}, attribute: { value: 'not a policy' }, holds: false },
    { args: {}, attribute: {}, holds: false },
  ],
})
