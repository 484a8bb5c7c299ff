import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import { plainParameters } from '../../../processors/normalize/aws-shape.ts'

describe("API Gateway's parameters", () => {
  const plain = (request: JsonObject) => plainParameters('apigateway.amazonaws.com', request)
  const patched = (...patchOperations: JsonObject[]) =>
    plain({ restApiId: 'a', updateStageInput: { patchOperations }, template: false })

  it('lose the wrapper of the body, whose own httpMethod is not that of the path', () => {
    expect(plain({ restApiId: 'a', createStageInput: { stageName: 'b' }, template: false })).toEqual({
      restApiId: 'a',
      stageName: 'b',
    })
    expect(plain({ httpMethod: 'GET', putIntegrationInput: { httpMethod: 'POST', uri: 'u' } })).toEqual({
      httpMethod: 'GET',
      uri: 'u',
      putIntegrationInput: { httpMethod: 'POST' },
    })
  })

  it('are what operations set, with nothing in the place of what they remove', () => {
    expect(
      patched(
        { op: 'replace', path: '/tracingEnabled', value: 'true' },
        { op: 'add', path: '/variables/a~1b', value: 'c' },
        { op: 'remove', path: '/variables/old' },
      ),
    ).toEqual({ restApiId: 'a', patch: { tracingEnabled: 'true', variables: { 'a/b': 'c', old: '' } } })
  })

  it('keep elements of lists apart, whether the path or the value tells them', () => {
    expect(
      patched(
        { op: 'add', path: '/binaryMediaTypes/image~1png' },
        { op: 'add', path: '/binaryMediaTypes/image~1gif' },
        { op: 'remove', path: '/apiStages', value: 'a:prod' },
        { op: 'replace', path: '/endpointConfiguration/types/EDGE', value: 'REGIONAL' },
        { op: 'copy', path: '/deploymentId', from: '/canarySettings/deploymentId' },
      ).patch,
    ).toEqual({
      added: { binaryMediaTypes: ['image/png', 'image/gif'] },
      removed: { apiStages: ['a:prod'] },
      endpointConfiguration: { types: ['REGIONAL'] },
      copy: { deploymentId: true },
    })
  })

  it("make a list of methods' settings", () => {
    expect(
      patched(
        { op: 'replace', path: '/*/*/logging/loglevel', value: 'INFO' },
        { op: 'replace', path: '/~1pets/GET/caching/enabled', value: 'true' },
      ),
    ).toEqual({
      restApiId: 'a',
      patch: {},
      methodSettings: [
        { methodPath: '*/*', logging: { loglevel: 'INFO' } },
        { methodPath: 'pets/GET', caching: { enabled: 'true' } },
      ],
    })
  })

  it('may name what objects inherit', () => {
    const { patch } = patched({ op: 'add', path: '/__proto__/polluted', value: 'yes' })
    expect(Object.keys(patch as object)).toEqual(['__proto__'])
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
  })

  it.each([{ op: 'add' }, { op: 'replace', path: '' }, { path: 5 }])(
    'ignore the operation %j',
    (operation) => {
      expect(patched(operation as JsonObject)).toEqual({ restApiId: 'a', patch: {} })
    },
  )
})

describe("Elastic Load Balancing's parameters", () => {
  const plain = (request: JsonObject) => plainParameters('elasticloadbalancing.amazonaws.com', request)
  const a = { targetGroupArn: 'a', weight: 1 }

  it.each([
    ['one group', { targetGroups: [a] }, { targetGroupArn: 'a' }],
    ['several', { targetGroups: [a, a] }, { forwardConfig: { targetGroups: [a, a] } }],
    [
      'one that clients stick to',
      { targetGroups: [a], targetGroupStickinessConfig: { enabled: true } },
      { forwardConfig: { targetGroups: [a], targetGroupStickinessConfig: { enabled: true } } },
    ],
  ])('say of an action with %s what distributes', (_, forwardConfig, expected) => {
    const action = { type: 'forward', targetGroupArn: 'a', forwardConfig }
    expect(plain({ defaultActions: [action] })).toEqual({
      defaultActions: [{ type: 'forward', ...expected }],
    })
  })

  it('have the values of a condition in the object of its kind', () => {
    const long = { field: 'path-pattern', pathPatternConfig: { values: ['/a'] } }
    expect(plain({ conditions: [{ field: 'path-pattern', values: ['/a'] }, long] })).toEqual({
      conditions: [long, long],
    })
  })
})

it('subnets of an Auto Scaling group are a list', () => {
  const request = { vPCZoneIdentifier: 'subnet-1, subnet-2' }
  expect(plainParameters('autoscaling.amazonaws.com', request)).toEqual({
    vPCZoneIdentifier: ['subnet-1', 'subnet-2'],
  })
})

describe("EKS's parameters", () => {
  const plain = (request: JsonObject) => plainParameters('eks.amazonaws.com', request)

  it('have removed labels among those that are set', () => {
    expect(plain({ labels: { addOrUpdateLabels: { a: '1' }, removeLabels: ['b'] } })).toEqual({
      labels: { addOrUpdateLabels: { b: '', a: '1' } },
    })
  })

  it.each([
    ['arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa', 'arn:aws:iam::1:role/a'],
    ['arn:aws:iam::1:role/a', 'arn:aws:iam::1:role/a'],
    ['%', '%'],
  ])('name a principal %s by its ARN', (principalArn, arn) => {
    expect(plain({ principalArn })).toEqual({ principalArn: arn })
  })
})

it("Route 53's texts stand without quotes, its aliases without dualstack and their last dot", () => {
  const record = (resourceRecordSet: JsonObject) => ({ changeBatch: { changes: [{ resourceRecordSet }] } })
  const plain = (set: JsonObject) => plainParameters('route53.amazonaws.com', record(set))
  expect(plain({ type: 'TXT', resourceRecords: [{ value: '"a b"' }] })).toEqual(
    record({ type: 'TXT', resourceRecords: [{ value: 'a b' }] }),
  )
  expect(plain({ type: 'CNAME', resourceRecords: [{ value: '"a"' }] })).toEqual(
    record({ type: 'CNAME', resourceRecords: [{ value: '"a"' }] }),
  )
  expect(plain({ type: 'A', aliasTarget: { dNSName: 'dualstack.web.example.' } })).toEqual(
    record({ type: 'A', aliasTarget: { dNSName: 'web.example' } }),
  )
})
