import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import { call, judge, mapped, row } from '../../support/detect.ts'

describe('what a service moves by itself', () => {
  const moved = mapped(`
types: { test_group: { names: [name], movedByService: [count] } }
calls:
  Scale: [{ update: test_group, id: name, attributes: { count: count, max: max } }]
`)
  const group = row('test_group', { id: 'web', name: 'web', count: 1, max: 5 })
  const role =
    'arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling'
  const scale = (request: JsonObject, actor: object) => {
    const one = call('test', 'Scale', { name: 'web', ...request })
    return judge({ ...one, actor: { ...one.actor, ...actor } }, [group], moved)
  }
  const attributes = (found: ReturnType<typeof scale>) =>
    typeof found === 'string'
      ? found
      : found.findings.flatMap(({ finding }) => finding.diffs.map((d) => d.attribute))

  it('R42: is no drift where the service did it in a role of its own', () => {
    expect(scale({ count: 3 }, { sessionIssuer: role })).toMatchObject({ reason: 'no-effect' })
    expect(scale({ count: 3 }, { type: 'AWSService' })).toMatchObject({ reason: 'no-effect' })
  })

  it('is drift by anybody else, also through a service', () => {
    expect(attributes(scale({ count: 3 }, {}))).toEqual(['count'])
    const issuer = 'arn:aws:iam::123456789012:role/aws-service-role-of-mine'
    expect(attributes(scale({ count: 3 }, { tool: 'service', sessionIssuer: issuer }))).toEqual(['count'])
  })

  it('hides nothing else that the call sets', () => {
    expect(attributes(scale({ count: 3, max: 9 }, { sessionIssuer: role }))).toEqual(['max'])
  })
})
