import { describe, expect, it } from 'vitest'
import { terraformsOwn } from '../../processors/terraforms-own.ts'
import { anActor } from './a-finding.ts'

const role = 'arn:aws:iam::123456789012:role/terraform'

describe('R31 without principals', () => {
  it.each(['terraform', 'cli', 'console', 'sdk', 'service', 'unknown'] as const)(
    'the user agent alone decides: %s',
    (tool) => {
      expect(terraformsOwn()(anActor({ tool }))).toBe(tool === 'terraform')
    },
  )
})

describe('R31 with principals', () => {
  const is = terraformsOwn([
    role,
    '*@ci.iam.gserviceaccount.com',
    'arn:aws:sts::*:assumed-role/deploy/*',
    'b7f5-oid',
  ])

  it.each([
    { arn: role },
    { sessionIssuer: role },
    { email: 'tf@ci.iam.gserviceaccount.com', arn: null },
    { arn: 'arn:aws:sts::123456789012:assumed-role/deploy/run-7' },
    { principalId: 'b7f5-oid' },
  ])('one of them is it: %j', (actor) => {
    expect(is(anActor({ ...actor, tool: 'terraform' }))).toBe(true)
  })

  it.each([
    {},
    { name: role },
    { name: 'terraform', arn: 'arn:aws:sts::123456789012:assumed-role/admin/terraform' },
    { arn: null, principalId: null },
  ])('nobody else is, nor a name that the caller has chosen: %j', (actor) => {
    expect(is(anActor({ ...actor, tool: 'terraform' }))).toBe(false)
  })

  it('nor one of them with another tool; where no tool is known, the principal is enough', () => {
    for (const tool of ['cli', 'console', 'sdk', 'service'] as const)
      expect(is(anActor({ arn: role, tool }))).toBe(false)
    expect(is(anActor({ arn: role, tool: 'unknown' }))).toBe(true)
    expect(is(anActor({ tool: 'unknown' }))).toBe(false)
  })
})
