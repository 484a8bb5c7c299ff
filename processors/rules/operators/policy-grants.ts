import type { Json, JsonObject } from '../../finding.ts'
import { iamGlob } from '../iam-glob.ts'
import { listOf, oneOrMore, text } from '../operator.ts'
import { allowsOf, bindingsOf, textList } from '../policy-reading.ts'
import { valueOperator } from '../value-operator.ts'

const allow = (Action: Json, Resource: Json = '*') => [{ Effect: 'Allow', Action, Resource }]

export const policyGrants = valueOperator({
  name: 'policy_grants',
  args: { value: oneOrMore, resource: text.optional() },
  holds({ value, resource }) {
    const actions = listOf(value)
    return (actual) =>
      allowsOf(actual).some(
        (one) => reaches(one, resource) && actions.some((action) => grants(one, action)),
      ) || bindingsOf(actual).some(({ role }) => actions.includes(role as string))
  },
  doc: 'A policy (of a change, what it added) allows the action `value`, or one of the list, in whatever words; with `resource`, on this one. Of Google, it grants the role.',
  examples: [
    { args: { value: 'iam:PassRole' }, attribute: { value: allow('iam:*') }, holds: true },
    {
      args: { value: 'iam:PassRole' },
      attribute: { value: allow(['s3:GetObject', 'IAM:passrole']) },
      holds: true,
    },
    { args: { value: 'iam:PassRole' }, attribute: { value: allow('iam:Get*') }, holds: false },
    {
      args: { value: ['s3:PutObject', 'iam:PassRole'] },
      attribute: { value: allow('iam:Pass?ole') },
      holds: true,
    },
    { args: { value: '*' }, attribute: { value: allow('*:*') }, holds: true },
    { args: { value: '*' }, attribute: { value: allow('iam:*') }, holds: false },
    { args: { value: 'iam:*' }, attribute: { value: allow('*') }, holds: true },
    {
      args: { value: 'iam:PassRole', resource: '*' },
      attribute: { value: allow('iam:PassRole') },
      holds: true,
    },
    {
      args: { value: 'iam:PassRole', resource: '*' },
      attribute: { value: allow('iam:PassRole', 'arn:aws:iam::1:role/a') },
      holds: false,
    },
    {
      args: { value: 'iam:PassRole' },
      attribute: { value: [{ Effect: 'Allow', NotAction: 's3:*', Resource: '*' }] },
      holds: true,
    },
    {
      args: { value: 'iam:PassRole' },
      attribute: { value: [{ Effect: 'Deny', Action: '*', Resource: '*' }] },
      holds: false,
    },
    {
      args: { value: 'roles/owner' },
      attribute: { value: [{ role: 'roles/owner', members: ['user:a@example.com'] }] },
      holds: true,
    },
    { args: { value: 'iam:PassRole' }, attribute: {}, holds: false },
  ],
})

/** A pattern of the policy may be wider than what is asked for, never narrower: iam:* grants iam:PassRole and iam:*. */
function grants({ Action, NotAction }: JsonObject, action: string): boolean {
  const covered = (patterns: Json | undefined) =>
    textList(patterns).some((one) => iamGlob(one === '*:*' ? '*' : one.toLowerCase())(action.toLowerCase()))
  return NotAction === undefined ? covered(Action) : !covered(NotAction)
}

/** A trust policy names no resource: its role is meant. */
function reaches({ Resource, NotResource }: JsonObject, resource: string | undefined): boolean {
  if (resource === undefined) return true
  const covered = (patterns: Json | undefined) => textList(patterns).some((one) => iamGlob(one)(resource))
  if (NotResource !== undefined) return !covered(NotResource)
  return Resource === undefined || covered(Resource)
}
