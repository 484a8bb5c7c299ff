import { describe, expect, it } from 'vitest'
import { scoped, target } from '../../../processors/detect/step.ts'
import { nameKey } from '../../../processors/identity.ts'
import { call, context, row } from '../../support/detect.ts'

const here = { account: '123456789012', region: 'eu-west-1' }
const one = call('ec2', 'X', {})

describe('what a call names', () => {
  it("lies in the call's own account and region", () => {
    expect(target(one, context, 'aws_instance', 'i-1')).toMatchObject({
      type: 'aws_instance',
      id: 'i-1',
      scope: here,
      keys: [nameKey('aws_instance', 'i-1')],
    })
  })

  it('lies in those of its ARN, where it is one', () => {
    const arn = 'arn:aws:lambda:us-east-1:999999999999:function:resize'
    expect(target(one, context, 'aws_lambda_function', arn).scope).toEqual({
      account: '999999999999',
      region: 'us-east-1',
    })
    expect(target(one, context, 'aws_s3_bucket', 'arn:aws:s3:::logs').scope).toEqual({
      account: '123456789012',
      region: 'global',
    })
    expect(target(one, context, 'aws_lambda_function', '999999999999:function:resize').scope).toEqual({
      account: '999999999999',
      region: 'eu-west-1',
    })
  })

  it('has no region where its type has none', () => {
    expect(target(one, context, 'aws_iam_role', 'app').scope.region).toBe('global')
  })

  it('is looked up under every name that the text may mean', () => {
    expect(target(one, context, 'aws_db_instance', 'Orders').keys).toEqual([
      nameKey('aws_db_instance', 'Orders'),
      nameKey('aws_db_instance', 'orders'),
    ])
  })
})

describe('the rows that count', () => {
  const mine = row('aws_instance', { id: 'i-1' }, { key: 'b' })

  it('are those in scope, each once, in the order of their keys', () => {
    const first = { ...mine, key: 'a' }
    const away = { ...mine, key: 'c', region: 'us-east-1' }
    const foreign = { ...mine, key: 'd', account: '999999999999' }
    for (const rows of [
      [mine, first, mine, away, foreign],
      [foreign, away, first, mine, first],
    ]) {
      expect(scoped(rows, here, false, undefined).map(({ key }) => key)).toEqual(['a', 'b'])
    }
    expect(scoped([away, foreign], here, true, undefined)).toEqual([away])
  })
})
