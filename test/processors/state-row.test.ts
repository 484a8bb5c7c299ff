import { expect, it } from 'vitest'
import { stateRow } from '../../processors/state-row.ts'
import { full } from '../schemas/samples.ts'

const snapshot = full['state-snapshot']

it('a record of the state becomes a row with its attributes parsed', () => {
  expect(stateRow('3f2a|aws_instance.web', snapshot)).toEqual({
    key: '3f2a|aws_instance.web',
    source: 's3://states/web',
    lineage: '3f2a',
    serial: 42,
    address: 'aws_instance.web',
    type: 'aws_instance',
    name: 'web',
    account: '123456789012',
    region: 'eu-west-1',
    id: 'i-0abc',
    arn: 'arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc',
    deposedKey: '00000001',
    dependencies: ['aws_subnet.a'],
    directDependencies: ['aws_subnet.a'],
    attributes: { instance_type: 't3.micro' },
  })
})

it('the marker that a generation is complete is no row', () => {
  expect(stateRow('__sync|3f2a', { ...snapshot, count: 3, resource: null })).toBeNull()
})

it('attributes that are no JSON throw', () => {
  const resource = { ...snapshot.resource!, attributes: '{"a":' }
  expect(() => stateRow('key', { ...snapshot, resource })).toThrow(SyntaxError)
})
