import { describe, expect, it } from 'vitest'
import { foldState, state } from '../../../cli/operations/state.ts'
import { full } from '../../schemas/samples.ts'
import { aLog } from './a-log.ts'

const attributes = (value: object) => JSON.stringify(value)

describe('state', () => {
  it('lists a line for each resource, in the order of their addresses', async () => {
    const log = await aLog()
    await log.publishState('l|aws_vpc.main', { address: 'aws_vpc.main', type: 'aws_vpc', id: 'vpc-1' })
    await log.publishState('l|aws_instance.web', { region: null, deposedKey: '0001' })
    expect(await log.ask(state, {})).toEqual([
      {
        address: 'aws_instance.web',
        type: 'aws_instance',
        id: 'i-0abc',
        account: '123456789012',
        region: null,
        source: 's3://states/web',
        serial: 42,
        deposedKey: '0001',
      },
      expect.objectContaining({ address: 'aws_vpc.main', id: 'vpc-1', deposedKey: null }),
    ])
  })

  it('knows the newest of each resource, and not what is gone', async () => {
    const log = await aLog()
    await log.publishState('l|a', { address: 'a', id: 'old' })
    await log.publishState('l|b', { address: 'b' })
    await log.publishState('l|a', { address: 'a', id: 'new' })
    await log.publishState('l|b', null)
    expect(await log.ask(state, {})).toMatchObject([{ address: 'a', id: 'new' }])
  })

  it('does not know what is gone, on a log that still holds it: it is compacted later', async () => {
    const log = await aLog()
    const place = { topic: 'tfdrift.state-snapshot', partition: 0, timestamp: 0, headers: {} }
    const value = log.codecs.stateSnapshot.encode(full['state-snapshot'])
    const records = [value, null].map((bytes, offset) => ({
      ...place,
      offset,
      key: Buffer.from('l|a'),
      value: bytes,
    }))
    const tail: typeof log.bus.tail = async (_, apply) => {
      await apply({ ...place, records, high: 2 })
      return { caughtUp: async () => {}, stop: async () => {} }
    }
    expect(await foldState({ ...log, bus: { ...log.bus, tail } })).toEqual([])
  })

  it('does not list the markers of complete states', async () => {
    const log = await aLog()
    const marker = { source: 's', lineage: 'l', serial: 1, capturedAt: 0, count: 3, resource: null }
    await log.bus.publish([
      {
        topic: 'tfdrift.state-snapshot',
        key: Buffer.from('__sync|l'),
        value: log.codecs.stateSnapshot.encode(marker),
      },
    ])
    expect(await log.ask(state, {})).toEqual([])
  })

  it('shows everything of one resource, by its address, its id or its ARN, and no secret', async () => {
    const log = await aLog()
    await log.publishState('l|aws_instance.web', {
      attributes: attributes({ instance_type: 't3.small', password: 'hmac-sha256:x' }),
    })
    await log.publishState('l|other', { address: 'other', id: 'x', arn: null })
    const arn = 'arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc'
    for (const of of ['aws_instance.web', 'i-0abc', arn]) {
      expect(await log.ask(state, { of })).toMatchObject([
        {
          address: 'aws_instance.web',
          lineage: '3f2a',
          attributes: { instance_type: 't3.small', password: '(sensitive)' },
        },
      ])
    }
    expect(await log.ask(state, { of: 'none' })).toEqual([])
  })

  it('shows each of the resources that one id stands for', async () => {
    const log = await aLog()
    await log.publishState('l|a', { address: 'aws_s3_bucket.logs', id: 'logs' })
    await log.publishState('l|b', { address: 'aws_s3_bucket_policy.logs', id: 'logs' })
    expect(await log.ask(state, { of: 'logs' })).toHaveLength(2)
  })

  it('is empty while there is no topic', async () => {
    expect(await (await aLog({ topics: false })).ask(state, {})).toEqual([])
  })
})
